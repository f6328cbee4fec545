/** Text for help, written in lines that fit the source. */

/** Joins the lines of a paragraph, so that help breaks them where the reader's terminal does; empty lines stay. */
export function prose(text: string): string {
  return text.replace(/([^\n])\n(?!\n)/g, '$1 ');
}
