import { setThresholds } from "ldlab/engine/native_allocator.ts";
import assert from "node:assert/strict";

// Parameters and limits: man mallopt, glibc's malloc/malloc.c.
const [TRIM, MMAP] = [-1, -3];

Deno.test("setThresholds() sets what the C library takes, and all or nothing", () => {
  const settingsUpTo = (limit: number) => {
    const settings = new Map<number, number>();
    setThresholds((parameter, value) => {
      if (parameter === MMAP && value > limit) return 0;
      settings.set(parameter, value);
      return 1;
    });
    return settings;
  };
  const all = settingsUpTo(Infinity);
  assert.equal(all.get(MMAP), 2 ** 30);
  assert.equal(all.get(TRIM), 2 ** 31 - 1);
  // Before glibc 2.35, DEFAULT_MMAP_THRESHOLD_MAX is 4 * 1024 * 1024 * 8.
  const former = settingsUpTo(4 * 1024 * 1024 * 8);
  assert.equal(former.get(MMAP), 4 * 1024 * 1024 * 8);
  assert.equal(former.get(TRIM), 2 ** 31 - 1);
  // Else the trim threshold would fix the other at its start of 128 KiB.
  assert.equal(settingsUpTo(0).size, 0);
});
