import {
  type GeluOptions,
  gelu,
  glu,
  hardshrink,
  logSigmoid,
  mish,
  sigmoid,
  silu,
  softplus,
  softshrink,
  softsign,
  type Tensor,
  tanh,
  tanhshrink,
} from "@tapegrad/autograd";
import { Module } from "../module.ts";
import { checkChoice, withDefaults } from "../options.ts";
import { python, pythonFloat } from "../python.ts";
import { Elementwise } from "./elementwise.ts";

/** x·Φ(x), Φ the normal distribution function (torch.nn.GELU; Hendrycks & Gimpel 2016). */
export class GELU extends Module {
  static override readonly name: string = "GELU";
  readonly approximate: "none" | "tanh";

  constructor(options: GeluOptions = {}) {
    super();
    const { approximate } = withDefaults("GELU", options, { approximate: "none" });
    this.approximate = checkChoice("GELU", "approximate", approximate, ["none", "tanh"]);
  }

  override forward(input: Tensor): Tensor {
    return gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate=${python(this.approximate)}`;
  }
}

/** x·sigmoid(x), also called swish (torch.nn.SiLU; Elfwing et al. 2017). */
export class SiLU extends Elementwise {
  static override readonly name: string = "SiLU";
  protected override compute(input: Tensor): Tensor {
    return silu(input);
  }
}

/** x·tanh(softplus(x)) (torch.nn.Mish; Misra 2019). */
export class Mish extends Elementwise {
  static override readonly name: string = "Mish";
  protected override compute(input: Tensor): Tensor {
    return mish(input);
  }
}

/** ln(1 + e^(beta·x)) / beta, a smooth ReLU, and x itself where beta·x exceeds the threshold (torch.nn.Softplus). */
export class Softplus extends Module {
  static override readonly name: string = "Softplus";
  readonly beta: number;
  readonly threshold: number;

  constructor(beta = 1, threshold = 20) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(input: Tensor): Tensor {
    return softplus(input, { beta: this.beta, threshold: this.threshold });
  }

  override extraRepr(): string {
    return `beta=${pythonFloat(this.beta)}, threshold=${pythonFloat(this.threshold)}`;
  }
}

/** ln(sigmoid(x)) (torch.nn.LogSigmoid). */
export class LogSigmoid extends Module {
  static override readonly name: string = "LogSigmoid";
  override forward(input: Tensor): Tensor {
    return logSigmoid(input);
  }
}

/** 1 / (1 + e⁻ˣ) (torch.nn.Sigmoid). */
export class Sigmoid extends Module {
  static override readonly name: string = "Sigmoid";
  override forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

/** The hyperbolic tangent (torch.nn.Tanh). */
export class Tanh extends Module {
  static override readonly name: string = "Tanh";
  override forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

/** x / (1 + |x|) (torch.nn.Softsign). */
export class Softsign extends Module {
  static override readonly name: string = "Softsign";
  override forward(input: Tensor): Tensor {
    return softsign(input);
  }
}

/** x − tanh(x) (torch.nn.Tanhshrink). */
export class Tanhshrink extends Module {
  static override readonly name: string = "Tanhshrink";
  override forward(input: Tensor): Tensor {
    return tanhshrink(input);
  }
}

/** x outside ±lambd, 0 inside (torch.nn.Hardshrink). */
export class Hardshrink extends Module {
  static override readonly name: string = "Hardshrink";
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    this.lambd = lambd;
  }

  override forward(input: Tensor): Tensor {
    return hardshrink(input, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return python(this.lambd);
  }
}

/** x moved toward 0 by lambd, and 0 inside ±lambd (torch.nn.Softshrink). */
export class Softshrink extends Module {
  static override readonly name: string = "Softshrink";
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    this.lambd = lambd;
  }

  override forward(input: Tensor): Tensor {
    return softshrink(input, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return python(this.lambd);
  }
}

/** The first half along a dimension times the sigmoid of the second (torch.nn.GLU; Dauphin et al. 2016). */
export class GLU extends Module {
  static override readonly name: string = "GLU";
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  override forward(input: Tensor): Tensor {
    return glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
