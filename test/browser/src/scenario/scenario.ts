import type { Packed } from "../packed.ts";
import { draw, drawDouble } from "./draws.ts";
import { type RoundTrip, roundTrip } from "./files.ts";
import { classNames, printModels, printTensors } from "./printing.ts";
import { type Training, trainCnn, trainMlp } from "./training.ts";
import { strided } from "./views.ts";

/** All that Node and a browser must agree about, as plain JSON. */
export interface Outcome {
  readonly draws: Readonly<Record<string, Packed>>;
  readonly doubles: Packed;
  readonly strided: Readonly<Record<string, Packed>>;
  readonly mlp: Training;
  readonly cnn: Training;
  readonly tensors: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, string>>;
  /** What each class that is exported under a name calls itself. */
  readonly classNames: Readonly<Record<string, string>>;
  readonly files: RoundTrip;
}

/** Does in Node and in browsers the same. `stepped` is called after each step of training. */
export function runScenario(stepped: () => void = () => {}): Outcome {
  return {
    mlp: trainMlp(stepped),
    cnn: trainCnn(stepped),
    draws: draw(),
    doubles: drawDouble(),
    strided: strided(),
    tensors: printTensors(),
    models: printModels(),
    classNames: classNames(),
    files: roundTrip(),
  };
}
