//! Where a file comes in: the drop zone, and the plain form that it grows out of.

use super::desk::{Command, Desk, Step};
use crate::{
    icons::{Icon, icon},
    parts::erase::Erase,
    place::use_place,
};
use leptos::prelude::*;
use model::t;

#[component]
pub(super) fn Intake(desk: Desk) -> impl IntoView {
    let place = use_place();
    let workspace = move || place.with(|it| it.workspace.to_string());
    let small = move || !matches!(desk.step.get(), Step::Empty | Step::Failed { .. });
    let failed = move || matches!(desk.step.get(), Step::Failed { .. });
    view! {
        <form
            class="intake"
            class:small=small
            class:failed=failed
            class:awake=move || desk.awake.get()
            method="post"
            action="/check"
            enctype="multipart/form-data"
        >
            <input type="hidden" name="workspace" value=workspace/>
            <div class="drop">
                <p class="drop-title">{icon(Icon::File)} {t!("Drop a sales file here")}</p>
                <p class="quiet">{t!("CSV, of any size, or an Excel or OpenDocument workbook. You can drop it on any page.")}</p>
                <div class="choices">
                    <span class="file-choice">
                        <label class="button main" for=Desk::INPUT>
                            {t!("Choose a file")}
                        </label>
                        <input
                            id=Desk::INPUT
                            name="file"
                            type="file"
                            accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.xlsb,.ods,text/csv,text/plain"
                            required
                            multiple=move || desk.awake.get()
                            on:change=move |_| {
                                #[cfg(target_arch = "wasm32")]
                                crate::web::come::chosen(desk);
                            }
                        />
                    </span>
                    <button
                        type="button"
                        class="button only-awake"
                        on:click=move |_| desk.ask(Command::Sample)
                    >
                        {icon(Icon::Sample)}
                        {t!("Try 5,000 sample rows")}
                    </button>
                </div>
                <p class="quiet only-awake">
                    {t!("Or paste a table that you copied. It is read in this browser; nothing is sent until you submit.")}
                </p>
            </div>
            <div class="without-preview">
                <p>
                    <strong>{t!("No preview here.")}" "</strong>
                    {t!("The preview needs JavaScript and WebAssembly. You can send the file without it: the server checks it in the same way, keeps the rows that pass, and shows you the result.")}
                </p>
                <p>
                    <label>{t!("Sheet, where it is a workbook with several:")}" " <input name="sheet"/></label>
                </p>
                <button type="submit" class="button">
                    {t!("Send without preview")}
                </button>
            </div>
        </form>
    }
    .erased()
}
