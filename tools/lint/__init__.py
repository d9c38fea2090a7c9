"""``./cartera lint``: style, XML, translations, purity of calc/, forbidden names."""
