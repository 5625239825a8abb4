import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** What Chromium and its like are called. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where they are when they are not on the PATH. */
const places = [
  ...names.map((name) => `/usr/bin/${name}`),
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The path of a browser: CHROMIUM_PATH, else the first that is installed.
 *
 * @param who who asks for it, at the beginning of a sentence
 * @throws Error that says how to get one
 */
export function findBrowser(who = "the browser tests"): string {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = (CHROMIUM_PATH ? [CHROMIUM_PATH] : [...onPath, ...places]).find(isExecutable);
  if (found !== undefined) return found;
  const problem = CHROMIUM_PATH
    ? `CHROMIUM_PATH is ${CHROMIUM_PATH}, and that is no program`
    : `${who}: Chromium or Chrome is needed, and there is none`;
  const error = new Error(`${problem}\n  hint: apt-get install chromium, or set CHROMIUM_PATH to where yours is`);
  error.stack = `Error: ${error.message}`; // where it was thrown helps nobody
  throw error;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
