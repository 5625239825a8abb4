/** Our side: `tapegrad` in a process of its own. */
import { writeInputs } from "../inputFolder.ts";
import { ourHost } from "./ourHost.ts";
import { serve } from "./serve.ts";

await serve(ourHost(writeInputs));
