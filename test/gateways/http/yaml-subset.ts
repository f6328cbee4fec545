/**
 * Reads as much of YAML as src/gateways/http/openapi.yaml uses: maps and lists by indentation or in braces, folded texts,
 * quoted and plain scalars. Anything else is an error, so that the file stays simple.
 */
type Yaml = null | boolean | number | string | readonly Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

export function readYaml(source: string): Yaml {
  const lines = source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ indent: line.length - line.trimStart().length, text: line.trim() }));
  const [value, next] = readBlock(lines, 0, 0);
  if (next !== lines.length) throw new Error(`line not understood: ${lines[next]?.text}`);
  return value;
}

function readBlock(lines: readonly Line[], start: number, indent: number): readonly [Yaml, number] {
  return lines[start]?.text.startsWith('- ') ? readList(lines, start, indent) : readMap(lines, start, indent);
}

function readList(lines: readonly Line[], start: number, indent: number): readonly [Yaml, number] {
  const items: Yaml[] = [];
  let at = start;
  for (let line = lines[at]; line?.indent === indent && line.text.startsWith('- '); line = lines[at]) {
    const text = line.text.slice(2);
    const isMap = keyPattern.test(text) && !/^[{['"]/.test(text);
    if (isMap) {
      // A map whose first line stands behind the dash: as if it stood below.
      const inner = [{ indent: indent + 2, text }, ...lines.slice(at + 1)];
      const [value, read] = readMap(inner, 0, indent + 2);
      items.push(value);
      at += read;
    } else {
      items.push(readFlow(text));
      at += 1;
    }
  }
  return [items, at];
}

const keyPattern = /^('[^']*'|"[^"]*"|[^\s:'"{[][^\s:]*):(?: (.*))?$/;

function readMap(lines: readonly Line[], start: number, indent: number): readonly [Yaml, number] {
  const map: Record<string, Yaml> = {};
  let at = start;
  for (let line = lines[at]; line?.indent === indent; line = lines[at]) {
    const found = keyPattern.exec(line.text);
    if (found === null) break;
    const key = String(readScalar(found[1] ?? ''));
    if (key in map) throw new Error(`${key} stands twice`);
    const rest = found[2] ?? '';
    at += 1;
    const below = lines[at];
    if (rest === '>-') {
      const folded: string[] = [];
      for (let next = lines[at]; next !== undefined && next.indent > indent; next = lines[at]) {
        folded.push(next.text);
        at += 1;
      }
      map[key] = folded.join(' ');
    } else if (rest !== '') map[key] = readFlow(rest);
    else if (
      below !== undefined &&
      (below.indent > indent || (below.indent === indent && below.text.startsWith('- ')))
    ) {
      [map[key], at] = readBlock(lines, at, below.indent);
    } else throw new Error(`${key} has no value`);
  }
  return [map, at];
}

/** `{ a: b, c: [d, 'e'] }` on one line, or one scalar. */
function readFlow(text: string): Yaml {
  if (!/^[{[]/.test(text)) return readScalar(text);
  let rest = text;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length).trimStart();
    return found?.trim();
  };
  const read = (): Yaml => {
    if (take(/^\[/) !== undefined) {
      const items: Yaml[] = [];
      while (take(/^\]/) === undefined) {
        items.push(read());
        take(/^,/);
      }
      return items;
    }
    if (take(/^\{/) !== undefined) {
      const map: Record<string, Yaml> = {};
      while (take(/^\}/) === undefined) {
        const key = take(/^[A-Za-z$]+: /);
        if (key === undefined) throw new Error(`not a pair: ${rest}`);
        map[key.slice(0, -1)] = read();
        take(/^,/);
      }
      return map;
    }
    const scalar = take(/^('(?:[^']|'')*'|"[^"]*"|[^,{}[\]]+)/);
    if (scalar === undefined) throw new Error(`not understood: ${rest}`);
    return readScalar(scalar);
  };
  const value = read();
  if (rest !== '') throw new Error(`not understood: ${rest}`);
  return value;
}

function readScalar(text: string): Yaml {
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^".*"$/.test(text)) return text.slice(1, -1);
  if (/^[&*!|>%@`]/.test(text)) throw new Error(`not read here: ${text}`);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === '~') return null;
  return /^-?[0-9]+$/.test(text) ? Number(text) : text;
}
