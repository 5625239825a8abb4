import { TensorError } from "@tapegrad/tensor";

/** The code and the message of the error that a call throws, on one line: its parts are set apart by " | ". */
export function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof TensorError)) return `not a TensorError: ${error}`;
    const lines = error.message.split("\n").map((line) => line.trim().replace(/ {2,}/, ": "));
    return [error.code, ...lines].join(" | ");
  }
  return "no error";
}
