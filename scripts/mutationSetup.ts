/** In mutation runs a property that fails is not made smaller: that it fails is all that counts. */
import * as fc from "fast-check";
import { beforeAll } from "vitest";

beforeAll(() => {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
});
