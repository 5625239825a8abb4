import { SIDE } from "../data.ts";
import type { ReportData } from "./data.ts";
import { escapeHtml, percent } from "./text.ts";

/** More than these are not drawn. */
const MOST = 60;

/** Every digit that was misread, as a picture with the probabilities; the surest mistakes first. */
export function misreadDigits({ evaluation, images }: Pick<ReportData, "evaluation" | "images">): string {
  const { labels, readings, probabilities } = evaluation;
  const wrong = labels
    .map((label, i) => ({ label, reading: readings[i]!, shares: probabilities[i]!, image: images[i]!, number: i }))
    .filter(({ label, reading }) => label !== reading)
    .sort((a, b) => b.shares[b.reading]! - a.shares[a.reading]!);
  if (wrong.length === 0) return '<p class="note">None: every digit was read correctly.</p>';
  const cards = wrong.slice(0, MOST).map(({ label, reading, shares, image, number }) => {
    const bars = topShares(shares, label).map(([digit, share]) =>
      shareBar(digit, share, digit === label ? "meant" : digit === reading ? "read" : ""),
    );
    return `<li class="digit">
${picture(image, `Test digit ${number + 1}: a ${label} that was read as ${reading}`)}
<p><b>${label}</b> read as <b class="wrong">${reading}</b></p>
<ol class="shares">${bars.join("")}</ol>
</li>`;
  });
  const left = wrong.length - cards.length;
  const more = left > 0 ? `<p class="note">${left} more are not drawn.</p>` : "";
  return `<ul class="digits">${cards.join("\n")}</ul>${more}`;
}

/** The three likeliest digits, and the one that was meant. */
function topShares(shares: readonly number[], label: number): [digit: number, share: number][] {
  const sorted = shares.map((share, digit): [number, number] => [digit, share]).sort((a, b) => b[1] - a[1]);
  const top = sorted.slice(0, 3);
  if (!top.some(([digit]) => digit === label)) top[2] = [label, shares[label]!];
  return top;
}

function shareBar(digit: number, share: number, kind: string): string {
  return `<li class="${kind}" style="--share: ${share.toFixed(4)}"><span>${digit}</span><i></i><span>${escapeHtml(percent(share))}</span></li>`;
}

/** An image as squares of ink. */
export function picture(image: readonly number[], title: string): string {
  const squares = image.map((ink, i) => {
    if (ink === 0) return "";
    return `<rect x="${i % SIDE}" y="${Math.floor(i / SIDE)}" width="1" height="1" opacity="${Number(ink.toFixed(3))}"/>`;
  });
  return `<svg class="picture" viewBox="0 0 ${SIDE} ${SIDE}" role="img" shape-rendering="crispEdges"><title>${escapeHtml(title)}</title>${squares.join("")}</svg>`;
}
