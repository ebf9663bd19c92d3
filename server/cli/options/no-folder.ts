/** Why a folder that a person named, or is in, cannot be worked in. */

/** Node reads names as UTF-8: of one that is none it makes another, which is nowhere. */
export const noFolderText = (folder: string): string =>
  folder.includes('\ufffd')
    ? `${folder}: a folder whose name is no UTF-8 text cannot be worked in; rename it, or reach it by a link with another name`
    : `${folder} is not a folder`;
