import {
  celu,
  elu,
  full,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  prelu,
  relu,
  relu6,
  selu,
  type Tensor,
  threshold,
} from "@tapegrad/autograd";
import type { DType } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { checkCount, withDefaults } from "../options.ts";
import { Parameter } from "../parameter.ts";
import { python, pythonFloat } from "../python.ts";
import { Elementwise, type InplaceOptions } from "./elementwise.ts";

/** max(x, 0) (torch.nn.ReLU). */
export class ReLU extends Elementwise {
  static override readonly name: string = "ReLU";
  protected override compute(input: Tensor): Tensor {
    return relu(input);
  }
}

/** x kept inside [0, 6] (torch.nn.ReLU6). */
export class ReLU6 extends Elementwise {
  static override readonly name: string = "ReLU6";
  protected override compute(input: Tensor): Tensor {
    return relu6(input);
  }
}

/** x where it is above a bound, a fixed value elsewhere (torch.nn.Threshold). */
export class Threshold extends Elementwise {
  static override readonly name: string = "Threshold";
  readonly threshold: number;
  readonly value: number;

  constructor(bound: number, value: number, options: InplaceOptions = {}) {
    super(options);
    this.threshold = bound;
    this.value = value;
  }

  protected override compute(input: Tensor): Tensor {
    return threshold(input, this.threshold, this.value);
  }

  protected override settings(): string[] {
    return [`threshold=${python(this.threshold)}`, `value=${python(this.value)}`];
  }
}

/** x kept inside an interval (torch.nn.Hardtanh). */
export class Hardtanh extends Elementwise {
  static override readonly name: string = "Hardtanh";
  readonly minVal: number;
  readonly maxVal: number;

  constructor(minVal = -1, maxVal = 1, options: InplaceOptions = {}) {
    super(options);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  protected override compute(input: Tensor): Tensor {
    return hardtanh(input, { minVal: this.minVal, maxVal: this.maxVal });
  }

  protected override settings(): string[] {
    return [`min_val=${pythonFloat(this.minVal)}`, `max_val=${pythonFloat(this.maxVal)}`];
  }
}

/** x/6 + 1/2, kept inside [0, 1] (torch.nn.Hardsigmoid). */
export class Hardsigmoid extends Elementwise {
  static override readonly name: string = "Hardsigmoid";
  protected override compute(input: Tensor): Tensor {
    return hardsigmoid(input);
  }

  override extraRepr(): string {
    return ""; // torch does not print inplace here
  }
}

/** x·hardsigmoid(x) (torch.nn.Hardswish; Howard et al. 2019). */
export class Hardswish extends Elementwise {
  static override readonly name: string = "Hardswish";
  protected override compute(input: Tensor): Tensor {
    return hardswish(input);
  }

  override extraRepr(): string {
    return ""; // torch does not print inplace here
  }
}

/** x above 0, negativeSlope·x elsewhere (torch.nn.LeakyReLU). */
export class LeakyReLU extends Elementwise {
  static override readonly name: string = "LeakyReLU";
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01, options: InplaceOptions = {}) {
    super(options);
    this.negativeSlope = negativeSlope;
  }

  protected override compute(input: Tensor): Tensor {
    return leakyRelu(input, { negativeSlope: this.negativeSlope });
  }

  protected override settings(): string[] {
    return [`negative_slope=${python(this.negativeSlope)}`];
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** The slopes at the start. @defaultValue 0.25 */
  readonly init?: number;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/**
 * x above 0, weight·x elsewhere, with one learned weight for all channels or one for each of dimension 1 (torch.nn.PReLU;
 * He et al. 2015).
 */
export class PReLU extends Module {
  static override readonly name: string = "PReLU";
  readonly numParameters: number;
  readonly init: number;
  weight: Parameter;

  constructor(numParameters = 1, options: PReLUOptions = {}) {
    super();
    const { init, dtype } = withDefaults("PReLU", options, { init: 0.25, dtype: "float32" });
    this.numParameters = checkCount("PReLU", "numParameters", numParameters);
    this.init = init;
    this.weight = new Parameter(full([numParameters], init, { dtype }));
  }

  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

/** x above 0, alpha·(eˣ − 1) elsewhere (torch.nn.ELU; Clevert et al. 2015). */
export class ELU extends Elementwise {
  static override readonly name: string = "ELU";
  readonly alpha: number;

  constructor(alpha = 1, options: InplaceOptions = {}) {
    super(options);
    this.alpha = alpha;
  }

  protected override compute(input: Tensor): Tensor {
    return elu(input, { alpha: this.alpha });
  }

  protected override settings(): string[] {
    return [`alpha=${pythonFloat(this.alpha)}`];
  }
}

/** max(x, 0) + min(0, alpha·(e^(x/alpha) − 1)) (torch.nn.CELU; Barron 2017). */
export class CELU extends Elementwise {
  static override readonly name: string = "CELU";
  readonly alpha: number;

  constructor(alpha = 1, options: InplaceOptions = {}) {
    super(options);
    this.alpha = alpha;
  }

  protected override compute(input: Tensor): Tensor {
    return celu(input, { alpha: this.alpha });
  }

  protected override settings(): string[] {
    return [`alpha=${pythonFloat(this.alpha)}`];
  }
}

/** {@link ELU}, scaled so that layers keep mean 0 and variance 1 (torch.nn.SELU; Klambauer et al. 2017). */
export class SELU extends Elementwise {
  static override readonly name: string = "SELU";
  protected override compute(input: Tensor): Tensor {
    return selu(input);
  }
}
