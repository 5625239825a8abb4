/** Text as it may stand in HTML, in attributes too. */
export function escapeHtml(text: unknown): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** A share in percent. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** A whole number with separators. */
export function grouped(value: number): string {
  return value.toLocaleString("en");
}

/** A duration in seconds. */
export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
