import { type Facts, fail } from "../errors.ts";

/** How errors name the bytes that they complain of. */
export interface ByteSource {
  /** The function that the user called. */
  readonly where?: string | undefined;
  /** The file, or another name of where the bytes came from. */
  readonly path?: string | undefined;
}

/** Reports that the bytes are not what they claim to be: a TensorError `file_format`. */
export type Complain = (problem: string, facts?: Facts, hint?: string) => never;

/** A {@link Complain} that names the source in every error. */
export function complaintsOf({ where, path }: ByteSource, reader: string): Complain {
  return (problem, facts = {}, hint) =>
    fail("file_format", where ?? reader, problem, path === undefined ? facts : { path, ...facts }, hint);
}

/** A name from a file as it may safely be shown: quoted, control characters escaped, cut if long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}
