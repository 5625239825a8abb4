/** Settings of all losses. */
export interface LossSettings {
  /**
   * Whether losses that are not told make an error of what is allowed but likely a mistake: shapes that broadcast, probabilities in the
   * place of logits and the other way round, targets that cannot be, batches of which nothing counts. @defaultValue false
   */
  strict: boolean;
}

/**
 * Settings of all losses: after `losses.strict = true` they look closer at what they are given.
 *
 * The option `strict` of a loss goes before it.
 */
export const losses: LossSettings = Object.seal({ strict: false });

/** Whether a loss with this option is to look closer; null or nothing: as all losses. */
export function isStrict(option: boolean | null | undefined): boolean {
  return option ?? losses.strict;
}
