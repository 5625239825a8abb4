import { type DrawOptions, noGrad, randperm, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";

/** Uniform numbers in [a, b) (torch.nn.init.uniform_). */
export function uniform_<T extends Tensor>(tensor: T, a = 0, b = 1, options: DrawOptions = {}): T {
  return noGrad(() => tensor.uniform_(a, b, options));
}

/** Normal numbers (torch.nn.init.normal_). */
export function normal_<T extends Tensor>(tensor: T, mean = 0, std = 1, options: DrawOptions = {}): T {
  return noGrad(() => tensor.normal_(mean, std, options));
}

/** One number everywhere (torch.nn.init.constant_). */
export function constant_<T extends Tensor>(tensor: T, value: number): T {
  return noGrad(() => tensor.fill_(value));
}

/** Ones (torch.nn.init.ones_). */
export function ones_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 1);
}

/** Zeros (torch.nn.init.zeros_). */
export function zeros_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 0);
}

/** Ones on the diagonal of a matrix, zeros elsewhere (torch.nn.init.eye_). */
export function eye_<T extends Tensor>(tensor: T): T {
  if (tensor.ndim !== 2) fail("invalid_shape", "eye_", "only for matrices", { shape: tensor.shape });
  return noGrad(() => {
    tensor.zero_().diagonal().fill_(1);
    return tensor;
  });
}

/**
 * The weights of a convolution that passes its input channels through, as many as there are (torch.nn.init.dirac_).
 *
 * @param tensor 3 to 5 dimensions, [out, in, ...kernel]
 * @param groups how many groups of output channels each do so. Default 1
 */
export function dirac_<T extends Tensor>(tensor: T, groups = 1): T {
  const { shape } = tensor;
  if (tensor.ndim < 3 || tensor.ndim > 5) {
    fail("invalid_shape", "dirac_", "only for tensors of 3 to 5 dimensions", { shape });
  }
  if (shape[0]! % groups !== 0)
    fail("invalid_shape", "dirac_", "the groups do not divide dimension 0", { shape, groups });
  const channels = shape[0]! / groups;
  return noGrad(() => {
    tensor.zero_();
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < Math.min(channels, shape[1]!); i++) {
        let place: Tensor = tensor.select(0, group * channels + i).select(0, i);
        for (const size of shape.slice(2)) place = place.select(0, Math.floor(size / 2));
        place.fill_(1);
      }
    }
    return tensor;
  });
}

/**
 * Normal numbers, and in each column of a matrix a share of zeros (torch.nn.init.sparse_; Martens 2010).
 *
 * The places of the zeros come from the default generator, as in torch.
 *
 * @param sparsity the share of zeros, rounded up
 */
export function sparse_<T extends Tensor>(tensor: T, sparsity: number, std = 0.01, options: DrawOptions = {}): T {
  if (tensor.ndim !== 2) fail("invalid_shape", "sparse_", "only for matrices", { shape: tensor.shape });
  const [rows, columns] = tensor.shape as readonly [number, number];
  const zeros = Math.ceil(sparsity * rows);
  noGrad(() => {
    tensor.normal_(0, std, options);
    for (let column = 0; column < columns; column++) {
      for (const row of randperm(rows).toArray().subarray(0, zeros)) tensor.select(0, row).select(0, column).fill_(0);
    }
  });
  return tensor;
}
