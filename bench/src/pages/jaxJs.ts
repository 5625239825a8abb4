/** jax-js on WebAssembly, in a page of its own. */
import { jaxHost } from "../peers/jax/host.ts";
import { answerInPage, versionInPage } from "./inPage.ts";

await answerInPage(() => jaxHost(versionInPage("jax-js")));
