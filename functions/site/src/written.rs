//! Writes the settings into the pages, and the brand's colours into a style sheet.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::{accent::Scheme, locale::Locale};
use process::{Environment, SettingError, rules};
use web::{
    PublicUrl,
    brand::{self, Brand},
};

/// What the pages say of the settings.
pub(crate) struct Settings {
    public_url: PublicUrl,
    brand: Brand,
    home_url: Option<String>,
    code_length: String,
    lifetime_seconds: u32,
    password_min_length: String,
}

/// A file that the settings make: its name changes with its bytes.
pub(crate) struct OwnFile {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) text: String,
}

impl Settings {
    /// Register, Activate and Account read the same settings.
    pub(crate) fn of(
        environment: &Environment,
        public_url: &PublicUrl,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            brand: Brand::of(environment, public_url)?,
            home_url: brand::home_url(environment)?,
            code_length: rules::code_length(environment)?.digits().to_string(),
            lifetime_seconds: rules::code_lifetime_seconds(environment)?,
            password_min_length: rules::password_min_length(environment)?.to_string(),
            public_url: public_url.clone(),
        })
    }

    /// The accent, as the style sheet names it.
    pub(crate) fn style(&self) -> OwnFile {
        let colors = |scheme: &Scheme| {
            let Scheme { fill, fill_hover, ink, text, .. } = scheme;
            format!("--accent:{fill};--accent-deep:{fill_hover};--accent-ink:{ink};--link:{text}")
        };
        let (light, dark) = (colors(&self.brand.accent.light), colors(&self.brand.accent.dark));
        let text =
            format!(":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}\n");
        OwnFile::of("brand", "css", "text/css; charset=utf-8", text)
    }

    /// What a site without a logo has in its place: a tick in the accent.
    pub(crate) fn icon(&self) -> OwnFile {
        let Scheme { fill, ink, .. } = self.brand.accent.light;
        let text = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="{fill}"/><path d="M9 16.5l5 5 9-11" fill="none" stroke="{ink}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"#
        );
        OwnFile::of("icon", "svg", "image/svg+xml", text)
    }

    /// A page with the settings in it: `@NAME@` becomes a value, in one pass, so that no value is
    /// taken for a name.
    pub(crate) fn written(&self, text: &str, locale: Locale, files: [&OwnFile; 2]) -> String {
        let [style, icon] = files;
        let asset = |file: &OwnFile| format!("assets/{}", file.name);
        let support = self.brand.support_url.as_deref();
        let text = if support.is_some() { text.to_owned() } else { without_support(text) };
        let within = (locale.texts().within)(self.lifetime_seconds);
        let logo = self.brand.logo_url.clone().unwrap_or_else(|| asset(icon));
        let value = |name: &str| {
            Some(match name {
                "SITE_NAME" => &self.brand.site_name,
                "PUBLIC_URL" => self.public_url.as_str(),
                "HOME_URL" => self.home_url.as_deref().unwrap_or_default(),
                "HOME" => self.home_url.as_deref().unwrap_or("./"),
                "SUPPORT_URL" => support.unwrap_or_default(),
                "SUPPORT" | "END" => "",
                "LOGO" => &logo,
                "BRAND" => &style.name,
                "ICON" => &icon.name,
                "CODE_LENGTH" => &self.code_length,
                "WITHIN" => &within,
                "PASSWORD_MIN_LENGTH" => &self.password_min_length,
                _ => return None,
            })
        };
        let mut parts = text.split('@');
        let mut page = parts.next().unwrap_or_default().to_owned();
        while let Some(part) = parts.next() {
            if let Some(value) = value(part) {
                page.push_str(&escaped(value));
                page.push_str(parts.next().unwrap_or_default());
            } else {
                page.push('@');
                page.push_str(part);
            }
        }
        page
    }
}

impl OwnFile {
    fn of(stem: &str, extension: &str, media_type: &'static str, text: String) -> Self {
        Self { name: format!("{stem}-{}.{extension}", tag(&text)), media_type, text }
    }
}

/// A name for some text. Every instance of a build computes the same.
pub(crate) fn tag(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn without_support(text: &str) -> String {
    let cut = text.split_once("@SUPPORT@");
    let cut = cut.and_then(|(before, rest)| Some((before, rest.split_once("@END@")?.1)));
    cut.map_or_else(|| text.to_owned(), |(before, after)| format!("{before}{after}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
