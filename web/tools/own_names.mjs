// Members whose names nobody but our own scripts ever sees, so that a build may shorten them: not the wire's, not those of
// what browsers keep, no words' of a catalogue, no browser's. A name that ends in _ is always one.
const ours =
  'answered areOfSomebodyNew begin begun client comeBackWithin dismiss enter flush forget forgetCounted heard hearing listen maxHz missed names onbroken ' +
  'recall renew serverNow setBusy shown socket stopped stream typed voteIn watch world';

// What a component as a class would have, of which there is none here.
const ofClasses =
  'componentDidCatch componentDidMount componentDidUpdate componentWillMount componentWillReceiveProps componentWillUnmount componentWillUpdate contextType ' +
  'debounceRendering diffed getChildContext getDerivedStateFromError getDerivedStateFromProps getSnapshotBeforeUpdate shouldComponentUpdate __self __source';

export const ownNames = `${ours} ${ofClasses}`.split(' ');
export const ownName = new RegExp(`[a-zA-Z]_$|^(${ownNames.join('|')})$`);
