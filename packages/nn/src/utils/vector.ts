import { cat, noGrad, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";

/** All parameters in one vector, one after the other, with their history (torch.nn.utils.parameters_to_vector). */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((parameter) => parameter.reshape([-1])));
}

/**
 * Copies the parts of a vector into parameters, in the order of {@link parametersToVector} (torch.nn.utils.vector_to_parameters).
 *
 * @param vector as long as all parameters together
 * @throws TensorError `shape_mismatch`, and nothing has changed
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const list = [...parameters];
  const count = list.reduce((total, parameter) => total + parameter.numel(), 0);
  if (vector.ndim !== 1 || vector.numel() !== count) {
    const facts = { vector: vector.shape, parameters: count };
    fail(
      "shape_mismatch",
      "vectorToParameters",
      "the vector does not have one element for each of the parameters",
      facts,
    );
  }
  noGrad(() => {
    let at = 0;
    for (const parameter of list) {
      parameter.copy_(vector.narrow(0, at, parameter.numel()).reshape(parameter.shape));
      at += parameter.numel();
    }
  });
}
