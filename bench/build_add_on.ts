import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findTensorflow } from "../lib/engine/find_tensorflow.ts";
import { Unavailable } from "./row.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const sources = fileURLToPath(
  new URL("../node_modules/@tensorflow/tfjs-node/binding/", import.meta.url),
);
/** The headers of Node's C API, used here and nowhere else. */
const HEADERS = "npm:node-api-headers@1.9.0";

/**
 * Compiles the C++ add-on of tfjs-node, which its package only downloads, from
 * the sources in that package and against the TensorFlow that ldlab runs on.
 *
 * @returns The path of the add-on, in bench/.build.
 * @throws {Unavailable} If there is no compiler or there are no headers.
 */
export async function buildAddOn(): Promise<string> {
  const addOn = `${folder}.build/tfjs_binding.node`;
  if (await Deno.stat(addOn).catch(() => null)) return addOn;
  const headers = await run(Deno.execPath(), [
    ...["eval", "--no-lock", "--no-config"],
    `import headers from "${HEADERS}"; console.log(headers.include_dir)`,
  ]);
  const tensorflow = dirname(findTensorflow());
  await Deno.mkdir(dirname(addOn), { recursive: true });
  await run("g++", [
    ...["-O3", "-std=c++17", "-shared", "-fPIC", "-DNAPI_VERSION=6"],
    ...["-I", `${tensorflow}/include`, "-I", headers.trim()],
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => sources + name),
    `${tensorflow}/libtensorflow_cc.so.2`,
    `${tensorflow}/libtensorflow_framework.so.2`,
    `-Wl,-rpath,${tensorflow}`,
    ...["-o", addOn],
  ]);
  return addOn;
}

async function run(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output()
    .catch((error) => {
      throw new Unavailable(`the add-on cannot be compiled: ${error.message}`);
    });
  if (success) return new TextDecoder().decode(stdout);
  const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Unavailable(`the add-on cannot be compiled: ${command}: ${last}`);
}
