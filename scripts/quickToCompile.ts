/**
 * Writes a bundled module in forms that V8 compiles sooner. It reads a module whole before anything runs, and what lies directly in the module,
 * not within a function, costs it the most: there it parses arrow functions fully, although nobody calls them yet, and of ordinary ones
 * it only looks for the end.
 */
import { type Plugin, RolldownMagicString } from "rolldown";
import { type ESTree, Visitor } from "rolldown/utils";

type Arrow = ESTree.ArrowFunctionExpression;

/** The changed code with a map in words, not in lines. */
function mapped(text: RolldownMagicString): { code: string; map: string } {
  return { code: text.toString(), map: text.generateMap({ hires: "boundary" }).toString() };
}

/** Arrow functions of the module become ordinary ones, namespaces plain objects, and classes are not told what they are called anyway. */
export const quickToCompile: Plugin = {
  name: "quick-to-compile",
  renderChunk(code) {
    const text = new RolldownMagicString(code);
    const program = this.parse(code);
    arrowsToFunctions(text, code, program);
    plainNamespaces(text, code, program);
    withoutKnownNames(text, program);
    return mapped(text);
  },
};

/** After a minifier: each statement of the module on a line of its own, and plain strings, which it writes as templates, as such. */
export const linedUp: Plugin = {
  name: "lined-up",
  renderChunk(code) {
    const text = new RolldownMagicString(code);
    const program = this.parse(code);
    const tagged = new Set<object>();
    const visitor = new Visitor({
      TaggedTemplateExpression: ({ quasi }) => void tagged.add(quasi),
      TemplateLiteral(template) {
        const words = template.expressions.length > 0 ? null : template.quasis[0]!.value.cooked;
        if (words !== null && !tagged.has(template))
          text.overwrite(template.start, template.end, JSON.stringify(words));
      },
    });
    visitor.visit(program);
    for (const { start } of program.body.slice(1)) text.appendLeft(start, "\n");
    return mapped(text);
  },
};

function arrowsToFunctions(text: RolldownMagicString, code: string, program: ESTree.Program): void {
  /** Functions that we are in, and whether an arrow function among them reads `this`. */
  const within: { readonly node: object; usesThis: boolean }[] = [];
  const methods = new Map<object, ESTree.ObjectProperty>();
  const enter = (node: object): void => void within.push({ node, usesThis: false });
  const leave = (): void => void within.pop();
  const readsThis = (): void => {
    if (within[0] !== undefined) within[0].usesThis = true;
  };
  const visitor = new Visitor({
    Property(property) {
      const { value, kind, method, computed } = property as ESTree.ObjectProperty;
      if (kind === "init" && !method && !computed) methods.set(value, property as ESTree.ObjectProperty);
    },
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ThisExpression: readsThis,
    Super: readsThis,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit"(arrow) {
      const { usesThis } = within.pop()!;
      if (within.length === 0 && !usesThis) toFunction(text, code, arrow, methods.get(arrow));
    },
  });
  visitor.visit(program);
}

/** `name: (x) => y` becomes `name(x) { return y; }`, which takes half as long as `name: function (x) { return y; }`. */
function toFunction(text: RolldownMagicString, code: string, arrow: Arrow, property?: ESTree.ObjectProperty): void {
  const { params, body, start, end } = arrow;
  const arrowAt = code.indexOf("=>", params.at(-1)?.end ?? start) + 2;
  const bodyAt = arrowAt + /^\s*/.exec(code.slice(arrowAt, body.start))![0].length;
  const list = `(${params.map((param) => code.slice(param.start, param.end)).join(", ")}) `;
  const kind = arrow.async ? "async " : "";
  const head = property === undefined ? "function" : code.slice(property.key.start, property.key.end);
  const block = body.type === "BlockStatement";
  text.overwrite(property?.start ?? start, bodyAt, `${kind}${head}${list}${block ? "" : "{ return "}`);
  if (!block) text.appendRight(end, "; }");
}

/** What `import * as` gives, as an object of values in place of one of getters; after the last value is there. */
function plainNamespaces(text: RolldownMagicString, code: string, { body }: ESTree.Program): void {
  const declarations = body.filter((statement) => statement.type === "VariableDeclaration");
  const declaredAt = new Map<string, number>();
  for (const { declarations: made, end } of declarations) {
    for (const { id } of made) if (id.type === "Identifier") declaredAt.set(id.name, end);
  }
  for (const { start, end, declarations: made } of declarations) {
    const { id, init } = made[0]!;
    if (init?.type !== "CallExpression" || init.callee.type !== "Identifier" || init.callee.name !== "__exportAll")
      continue;
    const members = (init.arguments[0] as ESTree.ObjectExpression).properties.map((property) => {
      const { key, value } = property as ESTree.ObjectProperty;
      const { body: result } = value as Arrow;
      return { key: code.slice(key.start, key.end), value: code.slice(result.start, result.end) };
    });
    const at = Math.max(end, ...members.map(({ value }) => declaredAt.get(value) ?? 0));
    const list = members.map(({ key, value }) => (key === value ? key : `${key}: ${value}`)).join(", ");
    text.remove(start, end);
    text.appendLeft(at, `\nconst ${code.slice(id.start, id.end)} = /* @__PURE__ */ Object.freeze({ ${list} });`);
  }
}

/** `static name = "A"` goes where `class A` says so: each would be a function that is called when the class is made. */
function withoutKnownNames(text: RolldownMagicString, program: ESTree.Program): void {
  const check = (name: string, { body }: ESTree.Class): void => {
    for (const member of body.body) {
      if (member.type !== "PropertyDefinition" || !member.static || member.computed) continue;
      const { key, value } = member;
      const isName = key.type === "Identifier" && key.name === "name";
      if (isName && value?.type === "Literal" && value.value === name) text.remove(member.start, member.end);
    }
  };
  const visitor = new Visitor({
    ClassDeclaration: (node) => node.id && check(node.id.name, node),
    VariableDeclarator({ id, init }) {
      if (id.type === "Identifier" && init?.type === "ClassExpression") check(id.name, init);
    },
  });
  visitor.visit(program);
}
