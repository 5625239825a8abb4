/** TensorFlow.js on WebAssembly, in a process of its own. */
import { serve } from "../../sides/serve.ts";
import { versionOf } from "../version.ts";
import { backendFolder } from "./backendFolder.ts";
import { tfjsHost } from "./host.ts";

await serve(await tfjsHost(versionOf("@tensorflow/tfjs"), `${backendFolder()}/`));
