//! Charts that are copied, as a drawing or as a picture. A chart's colours and places come from the style sheet, so that
//! each mark gets them as attributes first.

use super::download;
use js_sys::{Array, Function, Object, Promise, Reflect, encode_uri_component};
use leptos::{ev, prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement,
};

/// What of its looks a mark keeps.
const KEPT: [&str; 9] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "font-size",
    "font-family",
    "font-weight",
    "visibility",
    "transform",
];

/// Pixels above the drawing, for the title, and around it.
const HEAD: f64 = 32.0;
const EDGE: f64 = 12.0;
/// A picture has so many pixels for each of the page's.
const SCALE: f64 = 2.0;
const SHOWN: Duration = Duration::from_secs(2);

/// Never stopped: the frame lives as long as the page.
pub(crate) fn copy_charts() {
    let _ = window_event_listener(ev::click, |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let button = target.and_then(|it| it.closest("button[data-copy]").ok()?);
        if let Some(button) = button {
            spawn_local(async move {
                let done = copy(&button).await.is_ok();
                say(&button, if done { "Copied" } else { "Not copied" });
            });
        }
    });
}

fn say(button: &Element, word: &'static str) {
    let name = button.text_content();
    button.set_text_content(Some(word));
    let button = button.clone();
    set_timeout(move || button.set_text_content(name.as_deref()), SHOWN);
}

async fn copy(button: &Element) -> Result<(), JsValue> {
    let figure = button.closest("figure")?.ok_or(JsValue::NULL)?;
    let chart = figure.query_selector("svg.chart")?.ok_or(JsValue::NULL)?;
    let title = figure
        .query_selector("h3")?
        .and_then(|it| it.text_content());
    let title = title.unwrap_or_default();
    let drawing = Drawing::of(&chart, &title)?;
    let svg = button.get_attribute("data-copy").as_deref() == Some("svg");
    let (blob, kind) = if svg {
        (text_blob(&drawing.text)?, "svg")
    } else {
        (picture(&drawing).await?, "png")
    };
    let copied = if svg {
        clipboard("writeText", &drawing.text.into()).await
    } else {
        match item(&blob) {
            Ok(item) => clipboard("write", &Array::of1(&item)).await,
            Err(error) => Err(error),
        }
    };
    // Where a page may not write to the clipboard, the reader gets a file.
    copied.or_else(|_| download::save(&blob, &format!("{title}.{kind}")))
}

struct Drawing {
    text: String,
    width: f64,
    height: f64,
}

impl Drawing {
    fn of(chart: &Element, title: &str) -> Result<Self, JsValue> {
        let window = window();
        let style = window.get_computed_style(chart)?.ok_or(JsValue::NULL)?;
        let pixels = |name: &str| -> f64 {
            let value = style.get_property_value(name).unwrap_or_default();
            value.trim_end_matches("px").parse().unwrap_or(0.0)
        };
        let place = chart.get_bounding_client_rect();
        let before = pixels("padding-left");
        let across = place.width() - before;
        let copy: Element = chart.clone_node_with_deep(true)?.dyn_into()?;
        let (from, to) = (
            chart.query_selector_all("*")?,
            copy.query_selector_all("*")?,
        );
        let mut gone = Vec::new();
        for at in 0..from.length() {
            let pair = from.item(at).zip(to.item(at));
            let Some((mark, copied)) = pair else { continue };
            let (mark, copied): (Element, Element) = (mark.dyn_into()?, copied.dyn_into()?);
            let Some(style) = window.get_computed_style(&mark)? else {
                continue;
            };
            for name in KEPT {
                let value = style.get_property_value(name)?;
                if name == "visibility" && value == "hidden" {
                    gone.push(copied.clone());
                } else if !value.is_empty() && value != "none" || name == "fill" {
                    copied.set_attribute(name, &value)?;
                }
            }
            for name in ["class", "tabindex", "href"] {
                copied.remove_attribute(name)?;
            }
        }
        for it in gone {
            it.remove();
        }
        let body = document().body().ok_or(JsValue::NULL)?;
        let around = window.get_computed_style(&body)?.ok_or(JsValue::NULL)?;
        let page = document().document_element().ok_or(JsValue::NULL)?;
        let page = window.get_computed_style(&page)?.ok_or(JsValue::NULL)?;
        let (paper, ink) = (
            page.get_property_value("background-color")?,
            around.get_property_value("color")?,
        );
        let inner = copy.inner_html().replace("&nbsp;", "&#160;");
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        let (width, height) = (place.width() + 2.0 * EDGE, place.height() + HEAD + EDGE);
        let (left, middle) = (EDGE + before, HEAD * 0.6);
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\"><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\
             <text x=\"{EDGE}\" y=\"{middle}\" font-family=\"sans-serif\" font-size=\"14\" font-weight=\"600\" \
             fill=\"{ink}\">{title}</text><svg x=\"{left}\" y=\"{HEAD}\" width=\"{across}\" \
             height=\"{}\" overflow=\"visible\">{inner}</svg></svg>",
            place.height()
        );
        Ok(Self {
            text,
            width,
            height,
        })
    }
}

async fn picture(drawing: &Drawing) -> Result<Blob, JsValue> {
    let image = HtmlImageElement::new()?;
    let address = String::from(encode_uri_component(&drawing.text));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{address}"));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a chart is some thousand pixels wide"
    )]
    let size = |it: f64| (it * SCALE) as u32;
    canvas.set_width(size(drawing.width));
    canvas.set_height(size(drawing.height));
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.scale(SCALE, SCALE)?;
    context.draw_image_with_html_image_element(&image, 0.0, 0.0)?;
    let made = Promise::new(&mut |done: Function, failed: Function| {
        let told = Closure::once_into_js(move |blob: JsValue| {
            // A promise takes its answer whatever it is.
            let _ = done.call1(&JsValue::NULL, &blob);
        });
        if canvas.to_blob(told.unchecked_ref()).is_err() {
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(made).await?.dyn_into()
}

fn text_blob(text: &str) -> Result<Blob, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("image/svg+xml");
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)
}

/// What the clipboard takes a picture as; an error where the browser has no such thing.
fn item(blob: &Blob) -> Result<JsValue, JsValue> {
    let maker: Function = Reflect::get(&js_sys::global(), &"ClipboardItem".into())?.dyn_into()?;
    let content = Object::new();
    Reflect::set(&content, &"image/png".into(), blob)?;
    Reflect::construct(&maker, &Array::of1(&content))
}

async fn clipboard(act: &str, what: &JsValue) -> Result<(), JsValue> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())?;
    let act: Function = Reflect::get(&clipboard, &act.into())?.dyn_into()?;
    let begun: Promise = act.call1(&clipboard, what)?.dyn_into()?;
    JsFuture::from(begun).await.map(|_| ())
}
