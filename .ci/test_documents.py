"""Links in the documents lead somewhere, and the texts are in plain English."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Words that hide the actor. Name it: caller, owner, operator, attacker, admin, function.
VAGUE = re.compile(r"\b(whoever|somebody|nobody|so many|to be had)\b", re.I)


def tracked(*patterns):
    """The files of the repository that fit, apart from those of third parties."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / path for path in listed.stdout.splitlines() if "viewer/" not in path]


def prose(path):
    """A document without its code, which only looks like links and headings."""
    return re.sub(r"^ *```.*?^ *```$", "", path.read_text(), flags=re.S | re.M)


def anchors(path):
    """The anchors of a document's headings, as the hosting platforms make them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Documents(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        for document in tracked("*.md"):
            for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(document))):
                if link.startswith("https://"):
                    continue
                path, _, anchor = link.partition("#")
                target = (document.parent / path).resolve() if path else document
                with self.subTest(document=document.name, link=link):
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_every_document_is_one_hop_from_the_readme(self):
        linked = re.findall(r"\]\(([^)#\s]+)", (ROOT / "README.md").read_text())
        for document in tracked("*.md"):
            with self.subTest(document=document.name):
                self.assertIn(str(document.relative_to(ROOT)), ["README.md", *linked])

    def test_the_readme_fits_on_two_screens(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().splitlines()), 130)

    def test_texts_name_the_actor(self):
        for path in tracked("*.md", "*.yaml", "*.yml"):
            with self.subTest(path=path.name):
                # AWS would replace a security group whose description changes.
                text = path.read_text().replace("GroupDescription: The database, to nobody", "")
                self.assertEqual(VAGUE.findall(text), [])


if __name__ == "__main__":
    unittest.main()
