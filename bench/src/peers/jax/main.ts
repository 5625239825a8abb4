/** jax-js on WebAssembly, in a process of its own. */
import { serve } from "../../sides/serve.ts";
import { versionOf } from "../version.ts";
import { jaxHost } from "./host.ts";

await serve(await jaxHost(versionOf("@jax-js/jax")));
