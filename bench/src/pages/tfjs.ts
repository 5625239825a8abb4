/** TensorFlow.js on WebAssembly, in a page of its own. */
import { tfjsHost } from "../peers/tfjs/host.ts";
import { answerInPage, versionInPage } from "./inPage.ts";

await answerInPage(() => tfjsHost(versionInPage("tfjs"), "/tfjs/"));
