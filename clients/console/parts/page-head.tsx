import type { ComponentChildren, JSX } from 'preact';

interface PageHeadProps {
  readonly title: string;
  /** One sentence or some counts. */
  readonly about?: ComponentChildren;
  /** Controls at the right. */
  readonly children?: ComponentChildren;
}

/** The title of a page. It takes the focus when the page is opened, so that a screen reader reads it. */
export const PageHead = ({ title, about, children }: PageHeadProps): JSX.Element => (
  <header class="page-head">
    <div>
      <h1 tabIndex={-1}>{title}</h1>
      {about !== undefined && <p class="about">{about}</p>}
    </div>
    {children !== undefined && <div class="page-tools">{children}</div>}
  </header>
);

export const Empty = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <p class="empty">{children}</p>
);
