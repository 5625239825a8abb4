import { Page } from "./page.ts";
import { tour } from "./tour.ts";

const page = new Page((text) => console.log(text));
for (const section of tour) section(page);
if (!page.agreed) process.exitCode = 1;
