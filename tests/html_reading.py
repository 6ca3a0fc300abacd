"""The tags and texts of a page, in their order."""

from html.parser import HTMLParser

__all__ = ["Page"]


class Page(HTMLParser):
    """A page's tags with their attributes, and its texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]
