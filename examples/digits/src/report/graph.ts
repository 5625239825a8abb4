import { instance } from "@viz-js/viz";

/**
 * A graph in the language of Graphviz as a drawing that takes its colours from the page.
 *
 * @param source as `dot()` writes it
 */
export async function drawGraph(source: string): Promise<string> {
  const viz = await instance();
  const svg = viz.renderString(source, {
    format: "svg",
    engine: "dot",
    graphAttributes: { ranksep: 0.28, nodesep: 0.15 },
    nodeAttributes: { height: 0.3 },
  });
  return svg
    .slice(svg.indexOf("<svg"))
    .replaceAll(/<!--[\s\S]*?-->\s*/g, "")
    .replaceAll(/<title>[\s\S]*?<\/title>\s*/g, "") // the nodes' internal names
    .replaceAll(/ xmlns(:xlink)?="[^"]*"/g, "")
    .replaceAll(/ xml:space="preserve"/g, "")
    .replaceAll(/ id="[^"]*"/g, "")
    .replace(/<polygon fill="white" stroke="none"[^>]*\/>\s*/, "")
    .replaceAll(/ font-family="[^"]*"/g, "")
    .replaceAll(/ (fill|stroke)="(?!none)[^"]*"/g, "") // the page colours them
    .replace("<svg ", '<svg class="graph" role="img" aria-label="The autograd graph of one training step" ')
    .trim();
}
