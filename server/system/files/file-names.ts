const FOLDS = process.platform === 'win32' || process.platform === 'darwin';

/** Equal for names that are one name of a folder: on Windows and macOS they may differ in case. */
export const foldName = (name: string): string => (FOLDS ? name.toLowerCase() : name);
