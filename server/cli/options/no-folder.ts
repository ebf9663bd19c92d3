/** The reason why a folder of the command line, or the current folder, cannot be used. */

/** Node reads names as UTF-8. It turns a name that is not UTF-8 into another name, which does not exist. */
export const noFolderText = (folder: string): string =>
  folder.includes('\ufffd')
    ? `${folder}: a folder whose name is no UTF-8 text cannot be worked in; rename it, or reach it by a link with another name`
    : `${folder} is not a folder`;
