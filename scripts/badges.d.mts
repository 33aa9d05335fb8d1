export function badges(): { readonly files: ReadonlyMap<string, string>; readonly page: string };
export function badgeLine(folder: string): string;
