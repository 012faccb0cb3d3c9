//! Charts that are copied, as a drawing or as a picture. A chart's colours and places come from the style sheet, so that
//! each mark gets them as attributes first.

use super::download;
use js_sys::{Array, Function, Object, Promise, Reflect, encode_uri_component};
use leptos::{ev, prelude::*, task::spawn_local};
use model::t;
use std::{cell::RefCell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement,
};

/// What of its looks a mark keeps.
const KEPT: [&str; 7] = [
    "paint-order",
    "stroke-width",
    "stroke-dasharray",
    "font-size",
    "font-family",
    "font-weight",
    "transform",
];

/// Pixels above the drawing, for the title, below it, for what is said of it, and around it. All lengths are whole: what writes and reads others is large.
const HEAD: u32 = 32;
const FOOT: u32 = 20;
const EDGE: u32 = 12;
/// A picture has so many pixels for each of the page's.
const SCALE: u32 = 2;
const SHOWN: Duration = Duration::from_secs(2);

/// Never stopped: the frame lives as long as the page.
pub(crate) fn copy_charts() {
    let said = Said::default();
    let _ = window_event_listener(ev::click, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let button = target.and_then(|it| it.closest("button[data-copy]").ok()?);
        if let Some(button) = button {
            let said = said.clone();
            spawn_local(async move {
                let done = copy(&button).await.is_ok();
                let word = if done { t!("Copied") } else { t!("Not copied") };
                say(&said, button, word);
            });
        }
    });
}

/// The button that says something else than its name, that name, and the timer that gives it back.
type Said = Rc<RefCell<Option<(Element, Option<String>, TimeoutHandle)>>>;

fn say(said: &Said, button: Element, word: &'static str) {
    // Pressed again meanwhile, it has its name back before that is remembered.
    take_back(said);
    let name = button.text_content();
    let ended = said.clone();
    if let Ok(timer) = set_timeout_with_handle(move || take_back(&ended), SHOWN) {
        button.set_text_content(Some(word));
        said.replace(Some((button, name, timer)));
    }
}

fn take_back(said: &Said) {
    if let Some((button, name, timer)) = said.take() {
        timer.clear();
        button.set_text_content(name.as_deref());
    }
}

async fn copy(button: &Element) -> Result<(), JsValue> {
    let figure = button.closest("figure")?.ok_or(JsValue::NULL)?;
    let chart = figure.query_selector("svg.chart")?.ok_or(JsValue::NULL)?;
    let title = figure
        .query_selector("h3")?
        .and_then(|it| it.text_content());
    let title = title.unwrap_or_default();
    let legend = figure.query_selector(".legend")?;
    let days = document().query_selector(".shown-days")?;
    let note = [legend, days].into_iter().flatten();
    let note: Vec<_> = note.filter_map(|it| it.text_content()).collect();
    let drawing = Drawing::of(&chart, &title, note.join(" ").trim())?;
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
    width: u32,
    height: u32,
}

impl Drawing {
    fn of(chart: &Element, title: &str, note: &str) -> Result<Self, JsValue> {
        let window = window();
        let style = window.get_computed_style(chart)?.ok_or(JsValue::NULL)?;
        let before = style.get_property_value("padding-left")?;
        let before = before.split(|it: char| !it.is_ascii_digit()).next();
        let before = before.and_then(|it| it.parse().ok()).unwrap_or(0_u32);
        let place = chart.get_bounding_client_rect();
        let (across, down) = (pixels(place.width()), pixels(place.height()));
        let copy: Element = chart.clone_node_with_deep(true)?.dyn_into()?;
        let (from, to) = (
            chart.query_selector_all("*")?,
            copy.query_selector_all("*")?,
        );
        let mut palette = Palette::new()?;
        let mut gone = Vec::new();
        for at in 0..from.length() {
            let pair = from.item(at).zip(to.item(at));
            let Some((mark, copied)) = pair else { continue };
            let (mark, copied): (Element, Element) = (mark.dyn_into()?, copied.dyn_into()?);
            let Some(style) = window.get_computed_style(&mark)? else {
                continue;
            };
            if style.get_property_value("visibility")? == "hidden" || mark.matches(".reach")? {
                gone.push(copied);
                continue;
            }
            for name in KEPT {
                let value = style.get_property_value(name)?;
                if !value.is_empty() && value != "none" {
                    copied.set_attribute(name, &value)?;
                }
            }
            for name in ["fill", "stroke"] {
                let value = palette.plain(style.get_property_value(name)?)?;
                copied.set_attribute(name, &value)?;
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
            palette.plain(page.get_property_value("background-color")?)?,
            palette.plain(around.get_property_value("color")?)?,
        );
        let inner = copy.inner_html().replace("&nbsp;", "&#160;");
        let [title, note] = [title, note].map(|it| it.replace('&', "&amp;").replace('<', "&lt;"));
        let below = HEAD + down + FOOT - 4;
        let (width, height) = (across + 2 * EDGE, down + HEAD + FOOT + EDGE);
        let (left, middle, across) = (EDGE + before, HEAD / 2 + 3, across.saturating_sub(before));
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\"><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\
             <text x=\"{EDGE}\" y=\"{middle}\" font-family=\"sans-serif\" font-size=\"14\" font-weight=\"600\" \
             fill=\"{ink}\">{title}</text><text x=\"{EDGE}\" y=\"{below}\" font-family=\"sans-serif\" \
             font-size=\"12\" fill=\"{ink}\">{note}</text><svg x=\"{left}\" y=\"{HEAD}\" width=\"{across}\" \
             height=\"{down}\" overflow=\"visible\">{inner}</svg></svg>"
        );
        Ok(Self {
            text,
            width,
            height,
        })
    }
}

/// Colours as every program knows them: a style sheet has more.
struct Palette {
    context: CanvasRenderingContext2d,
    known: Vec<(String, String)>,
}

impl Palette {
    fn new() -> Result<Self, JsValue> {
        let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
        let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
        Ok(Self {
            context: context.unchecked_into(),
            known: Vec::new(),
        })
    }

    /// `#2456c5`, or `none` for what cannot be seen.
    fn plain(&mut self, colour: String) -> Result<String, JsValue> {
        if colour == "none" {
            return Ok(colour);
        }
        if let Some((_, plain)) = self.known.iter().find(|(it, _)| *it == colour) {
            return Ok(plain.clone());
        }
        self.context.clear_rect(0.0, 0.0, 1.0, 1.0);
        self.context.set_fill_style_str(&colour);
        self.context.fill_rect(0.0, 0.0, 1.0, 1.0);
        let pixel = self.context.get_image_data(0.0, 0.0, 1.0, 1.0)?.data();
        let plain = match pixel.as_slice() {
            [red, green, blue, alpha] if *alpha > 0 => format!("#{red:02x}{green:02x}{blue:02x}"),
            _ => "none".to_owned(),
        };
        self.known.push((colour, plain.clone()));
        Ok(plain)
    }
}

async fn picture(drawing: &Drawing) -> Result<Blob, JsValue> {
    let image = HtmlImageElement::new()?;
    let address = String::from(encode_uri_component(&drawing.text));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{address}"));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(drawing.width * SCALE);
    canvas.set_height(drawing.height * SCALE);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.scale(SCALE.into(), SCALE.into())?;
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

fn pixels(length: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a chart is some thousand pixels wide"
    )]
    let whole = length.ceil() as u32;
    whole
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
