import { describe, expect, it } from "vitest";
import { readDigits } from "./data.ts";
import { Problem } from "./problem.ts";
import { digitsPath, firstLines, temporaryFile, temporaryFolder } from "./testing.ts";

/** What is said about a file whose line `line` has `value` in column `column`. */
function complaintAbout(line: number, column: number, value: string): string {
  const lines = firstLines(20);
  const cells = lines[line - 1]!.split(",");
  cells[column - 1] = value;
  lines[line - 1] = cells.join(",");
  return complaint(lines.join("\n"));
}

function complaint(text: string): string {
  try {
    readDigits(temporaryFile("digits.csv", text));
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  }
  return "";
}

describe("readDigits", () => {
  it("splits the digits that come with the example as the reference does", () => {
    const { train, test } = readDigits(digitsPath);
    expect(train.images.shape).toEqual([1437, 1, 8, 8]);
    expect(test.images.shape).toEqual([360, 1, 8, 8]);
    expect(train.labels.dtype).toBe("int32");
    expect([...train.images.toArray().slice(0, 6)]).toEqual([0, 0, 5 / 16, 13 / 16, 9 / 16, 1 / 16]);
    expect([...train.labels.toArray().slice(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("does not mind how the lines end, nor spaces, quotes, a byte order mark or empty lines", () => {
    const lines = firstLines(20);
    const { digest } = readDigits(temporaryFile("plain.csv", lines.join("\n")));
    const spaced = lines.map((line) => `"${line.replaceAll(",", '", "')}"`).join("\r\n\r\n");
    expect(readDigits(temporaryFile("other.csv", `\uFEFF${spaced}\r\n`)).digest).toBe(digest);
    expect(readDigits(temporaryFile("fewer.csv", lines.slice(1).join("\n"))).digest).not.toBe(digest);
  });

  it.each([
    [3, 5, "x", '"x" is not a number'],
    [3, 5, "", '"" is not a number'],
    [3, 5, "0x1", '"0x1" is not a number'],
    [3, 5, "NaN", '"NaN" is not a number'],
    [3, 5, "Infinity", '"Infinity" is not a number'],
    [1, 2, "17", '"17" is outside 0..16'],
    [20, 64, "-1", '"-1" is outside 0..16'],
    [7, 1, "1.5", '"1.5" is not a whole number'],
    [7, 65, "10", '"10" is outside 0..9'],
    [7, 65, "-1", '"-1" is outside 0..9'],
    [7, 65, "seven", '"seven" is not a number'],
  ])("names line %i and column %i of %j", (line, column, value, problem) => {
    const message = complaintAbout(line, column, value);
    expect(message).toContain(`digits.csv, line ${line}, column ${column}: ${problem}`);
  });

  it("names a line with another number of columns", () => {
    const lines = firstLines(20);
    lines[4] += ",1";
    expect(complaint(lines.join("\n"))).toMatch(/digits\.csv, line 5: 66 columns instead of 65/);
    lines[4] = "1,2,3";
    expect(complaint(lines.join("\n"))).toMatch(/line 5: 3 columns instead of 65/);
  });

  it("knows a header when it sees one", () => {
    const header = Array.from({ length: 65 }, (_, i) => `pixel${i}`).join(",");
    expect(complaint([header, ...firstLines(20)].join("\n"))).toMatch(/line 1, column 1: .*\n\s+hint: .*no header/);
  });

  it("refuses files that are empty, too short, unbalanced, missing or folders", () => {
    expect(complaint("")).toMatch(/digits\.csv is empty/);
    expect(complaint("\n\n")).toMatch(/digits\.csv is empty/);
    expect(complaint(firstLines(9).join("\n"))).toMatch(/too few rows: 9/);
    expect(complaint('"1,2\n')).toMatch(/not a CSV file/);
    const folder = temporaryFolder();
    expect(() => readDigits(folder)).toThrow(/it is a folder/);
    expect(() => readDigits(`${folder}/none.csv`)).toThrow(/there is no such file/);
  });
});
