import { manualSeed, nn, noGrad, ones, optim, randint, randn, type Tensor, tensor } from "tapegrad";
import type { Line, Work } from "./line.ts";

const F = nn.functional;

function matmul(rows: number, depth: number, columns: number): Line {
  return {
    name: rows === depth && depth === columns ? `matmul ${rows}` : `matmul ${rows}x${depth}x${columns}`,
    setup: () => {
      const [a, b] = [randn(rows, depth), randn(depth, columns)];
      const run = (): Tensor => a.matmul(b);
      return { run, check: () => run().sum().item(), flops: 2 * rows * depth * columns };
    },
  };
}

function elementwise(name: "exp" | "tanh"): Line {
  return {
    name: `${name} 1e6`,
    setup: () => {
      const x = randn(1_000_000);
      const run = (): Tensor => x[name]();
      return { run, check: () => run().double().mean().item() };
    },
  };
}

/** A training step; the number to compare is the loss after three of them. */
function training(step: () => Tensor): Work {
  return {
    run: step,
    check: () => {
      step();
      step();
      return step().item();
    },
  };
}

function stepOf(
  model: (x: Tensor) => Tensor,
  optimizer: { zeroGrad(): void; step(): unknown },
  x: Tensor,
  y: Tensor,
): Work {
  return training(() => {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(model(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
}

function crossEntropy(rows: number, classes: number): Line {
  return {
    name: `cross entropy ${rows}x${classes}`,
    setup: () => {
      const logits = randn([rows, classes], { requiresGrad: true });
      const target = randint(classes, [rows]);
      const run = (): void => {
        logits.grad = null;
        F.crossEntropy(logits, target).backward();
      };
      return {
        run,
        check: () => {
          run();
          return logits.grad!.abs().double().sum().item();
        },
      };
    },
  };
}

/** What is measured. The models and settings are those of `python/lines.py`. */
export const lines: readonly Line[] = [
  ...[64, 256, 512, 1024].map((n) => matmul(n, n, n)),
  matmul(64, 784, 256),
  elementwise("exp"),
  elementwise("tanh"),
  {
    name: "relu(h + x) x8, 2^20",
    setup: () => {
      const x = randn([2 ** 20], { requiresGrad: true });
      const run = (): void => {
        x.grad = null;
        let h = x;
        for (let i = 0; i < 8; i++) h = h.add(x).relu();
        h.mean().backward();
      };
      return {
        run,
        check: () => {
          run();
          return x.grad!.double().sum().item();
        },
      };
    },
  },
  {
    name: "MLP 784-256-128-10, Adam",
    setup: () => {
      const [x, y] = [randn(64, 784), randint(10, [64])];
      const layers = [
        new nn.Linear(784, 256),
        new nn.ReLU(),
        new nn.Linear(256, 128),
        new nn.ReLU(),
        new nn.Linear(128, 10),
      ];
      const model = new nn.Sequential(...layers);
      return stepOf(model, new optim.Adam(model.parameters(), { lr: 1e-3 }), x, y);
    },
  },
  {
    name: "CNN 28x28, SGD momentum",
    setup: () => {
      const [x, y] = [randn(64, 1, 28, 28), randint(10, [64])];
      const block = (from: number, to: number): nn.Module[] => [
        new nn.Conv2d(from, to, 3, { padding: 1 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
      ];
      const model = new nn.Sequential(...block(1, 8), ...block(8, 16), new nn.Flatten(), new nn.Linear(784, 10));
      return stepOf(model, new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }), x, y);
    },
  },
  crossEntropy(1024, 1000),
  crossEntropy(64, 10),
  {
    name: "tiny MLP 2-16-1",
    setup: () => {
      const x = randn(16, 2);
      const y = x.select(1, 0).mul(x.select(1, 1)).gt(0).float().unsqueeze(1);
      const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      return training(() => {
        optimizer.zeroGrad();
        const loss = F.binaryCrossEntropyWithLogits(model(x), y);
        loss.backward();
        optimizer.step();
        return loss;
      });
    },
  },
  {
    name: "chain of 100,000 adds, per op",
    setup: () => {
      const x = tensor([1], { requiresGrad: true });
      const one = noGrad(() => ones(1));
      const run = (): Tensor => {
        x.grad = null;
        let y = x;
        for (let i = 0; i < 100_000; i++) y = y.add(one);
        y.backward();
        return y;
      };
      return { run, check: () => run().item(), per: 100_000 };
    },
  },
];

/** Sets up a line on the seed that both sides use. */
export function prepare(line: Line): Work {
  manualSeed(0);
  return line.setup();
}
