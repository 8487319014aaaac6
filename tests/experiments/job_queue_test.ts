import assert from "node:assert/strict";
import { JobQueue } from "../../experiments/job_queue.ts";

/** A teacher, its student, that one's student, and one of its own. */
const chain = () => new JobQueue([0, 1, 2, 3], [undefined, 0, 1, undefined]);

Deno.test("JobQueue.take() hands jobs out in their order, students once their teacher is over", async () => {
  const queue = chain();
  assert.equal(await queue.take(), 0);
  assert.equal(await queue.take(), 3);
  const waiting = [queue.take(), queue.take()];
  queue.done(3);
  queue.done(0);
  assert.equal(await waiting[0], 1);
  queue.done(1);
  assert.equal(await waiting[1], 2);
  assert.equal(await queue.take(), undefined);
});

Deno.test("JobQueue.lose() lets none begin that needs what was lost", async () => {
  const queue = chain();
  assert.equal(await queue.take(), 0);
  assert.deepEqual(queue.lose(0), [1, 2]);
  assert.equal(await queue.take(), 3);
  assert.equal(await queue.take(), undefined);
});

Deno.test("JobQueue.close() wakes who waits, and hands nothing out", async () => {
  const queue = new JobQueue([0, 1], [undefined, 0]);
  assert.equal(await queue.take(), 0);
  const waiting = queue.take();
  queue.close();
  assert.equal(await waiting, undefined);
});

Deno.test("JobQueue.take() hands out a job whose teacher is stored, thus none of the queue's", async () => {
  const queue = new JobQueue([2], [undefined, 0, 1]);
  assert.equal(await queue.take(), 2);
});
