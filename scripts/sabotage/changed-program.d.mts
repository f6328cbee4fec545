export interface ChangedProgram {
  readonly name: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

export function copyProgram(program: ChangedProgram, dir: string): void;
