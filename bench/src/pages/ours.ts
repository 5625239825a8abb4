/** `tapegrad` in a page of its own. */
import { ourHost } from "../sides/ourHost.ts";
import { answerInPage, writeInputsFromPage } from "./inPage.ts";

await answerInPage(async () => ourHost(writeInputsFromPage));
