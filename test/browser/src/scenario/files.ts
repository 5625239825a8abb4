import { arange, decodeSafetensors, encodeSafetensors, randn, slice, type Tensor, tensor } from "tapegrad";
import { hex, type Packed, pack } from "../packed.ts";

/** Tensors through the bytes of a safetensors file and back. */
export interface RoundTrip {
  readonly before: Readonly<Record<string, Packed>>;
  /** The file. */
  readonly bytes: string;
  readonly after: Readonly<Record<string, Packed>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Tensors of every dtype, views and odd names among them. */
export function roundTrip(): RoundTrip {
  const tensors: Record<string, Tensor> = {
    "0.weight": randn(5, 3).t(),
    "näme \u{1f600}": randn([2, 0, 3]),
    double: randn([7], { dtype: "float64" }),
    counts: arange(10).at(slice(null, null, 3)),
    mask: tensor([true, false, true]),
    scalar: tensor(-0),
  };
  const bytes = encodeSafetensors(tensors, { epoch: "3" });
  const content = decodeSafetensors(bytes);
  return {
    before: packAll(tensors),
    bytes: hex(bytes),
    after: packAll(content.tensors),
    metadata: content.metadata,
  };
}

function packAll(tensors: Readonly<Record<string, Tensor>>): Record<string, Packed> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, pack(tensor)]));
}
