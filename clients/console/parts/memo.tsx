import { Component, type ComponentType } from 'preact';

/** A component that is drawn again only when one of its properties is another value. */
export function memo<P extends object>(View: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const names = Object.keys(next) as (keyof P)[];
      return names.some((name) => next[name] !== this.props[name]);
    }
    override render() {
      return <View {...this.props} />;
    }
  };
}
