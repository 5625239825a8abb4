import { nn, type Tensor } from "tapegrad";
import type { ModelKind } from "./config.ts";
import { CLASSES, SIDE } from "./data.ts";

/** Two blocks of convolution, batch norm and ReLU, then one linear layer. */
class Cnn extends nn.Module {
  conv1 = new nn.Conv2d(1, 16, 3, { padding: 1 });
  norm1 = new nn.BatchNorm2d(16);
  conv2 = new nn.Conv2d(16, 32, 3, { padding: 1 });
  norm2 = new nn.BatchNorm2d(32);
  relu = new nn.ReLU();
  pool = new nn.MaxPool2d(2);
  flatten = new nn.Flatten();
  dropout = new nn.Dropout(0.25);
  linear = new nn.Linear(32 * (SIDE / 2) ** 2, CLASSES);

  override forward(images: Tensor): Tensor {
    const strokes = this.relu(this.norm1(this.conv1(images)));
    const shapes = this.pool(this.relu(this.norm2(this.conv2(strokes))));
    return this.linear(this.dropout(this.flatten(shapes)));
  }
}

/** Two hidden layers, which see the pixels in a row. */
function mlp(): nn.Sequential {
  return new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(SIDE * SIDE, 128),
    new nn.ReLU(),
    new nn.Dropout(0.1),
    new nn.Linear(128, 64),
    new nn.ReLU(),
    new nn.Linear(64, CLASSES),
  );
}

/** A model whose weights are drawn from the default generator: images [n, 1, 8, 8] in, scores [n, 10] out. */
export function makeModel(kind: ModelKind): nn.Module {
  return kind === "cnn" ? new Cnn() : mlp();
}
