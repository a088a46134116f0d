export async function doctor(_flags: readonly string[], _options: object): Promise<void> {}
