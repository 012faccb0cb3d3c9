//! Views whose type is forgotten, as `into_any` makes them, without what only pages that hydrate by and by need: `tachys`
//! compiles an asynchronous way to hydrate into every such view, a fifth of the browser's program, and pages here take
//! the other way at once.

use leptos::prelude::*;
#[cfg(target_arch = "wasm32")]
use leptos::tachys::{
    html::attribute::{Attribute, any_attribute::AnyAttribute},
    hydration::Cursor,
    view::{Position, PositionState, add_attr::AddAnyAttr},
};
#[cfg(target_arch = "wasm32")]
use std::future::pending;

pub(crate) trait Erase {
    fn erased(self) -> AnyView;
}

impl<T: RenderHtml> Erase for T {
    fn erased(self) -> AnyView {
        #[cfg(target_arch = "wasm32")]
        let view = AtOnce(self);
        #[cfg(not(target_arch = "wasm32"))]
        let view = self;
        view.into_any()
    }
}

/// Hydrates as the view within does, at once; asynchronously, which it never is asked to, not at all.
#[cfg(target_arch = "wasm32")]
struct AtOnce<T>(T);

#[cfg(target_arch = "wasm32")]
impl<T: Render> Render for AtOnce<T> {
    type State = T::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

#[cfg(target_arch = "wasm32")]
impl<T: RenderHtml> AddAnyAttr for AtOnce<T> {
    type Output<A: Attribute> = AtOnce<T::Output<A>>;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self::Output<A>
    where
        Self::Output<A>: RenderHtml,
    {
        AtOnce(self.0.add_any_attr(attribute))
    }
}

#[cfg(target_arch = "wasm32")]
impl<T: RenderHtml> RenderHtml for AtOnce<T> {
    type AsyncOutput = T::AsyncOutput;
    type Owned = AtOnce<T::Owned>;

    const MIN_LENGTH: usize = T::MIN_LENGTH;
    const EXISTS: bool = T::EXISTS;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    async fn resolve(self) -> Self::AsyncOutput {
        self.0.resolve().await
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0
            .to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    /// It would be another copy of the whole view. `hydrate_body` takes the way at once.
    fn hydrate_async(
        self,
        _cursor: &Cursor,
        _position: &PositionState,
    ) -> impl Future<Output = Self::State> {
        pending()
    }

    fn into_owned(self) -> Self::Owned {
        AtOnce(self.0.into_owned())
    }
}
