// HTTP Basic in UTF-8 (RFC 7617). `btoa` alone takes Latin-1 only.

/** The UTF-8 bytes of a text, each as one character. */
export const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));

export const basic = ({ email, password }) => `Basic ${btoa(bytes(`${email}:${password}`))}`;
