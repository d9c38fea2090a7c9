import ast
import re

from lxml import etree, html

from odoo import api, models
from odoo.exceptions import ValidationError

MODEL = "cartera.collection.action"
INLINE = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
EXPRESSIONS = ("t-out", "t-esc", "t-if", "t-elif", "t-foreach", "t-value")


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.constrains("body_html", "subject", "model_id")
    def _check_variables_of_collection(self):
        self.filtered(lambda one: one.model == MODEL)._check_collection_variables()

    def _check_collection_variables(self):
        """Refuse texts that use what does not exist; it would fail on the day it is sent."""
        for template in self:
            for expression, local in template._expressions():
                wrong = template._unknown_in(expression, local)
                if wrong:
                    raise ValidationError(
                        self.env._(
                            "The text %(template)s uses %(variable)s, which does not exist. Correct it or choose "
                            "another one, for example object.partner_id.name.",
                            template=template.name,
                            variable=wrong,
                        )
                    )

    def _expressions(self):
        """Return (expression, local names) of everything that is filled in."""
        self.ensure_one()
        body = self.body_html or ""
        found = [(text, ()) for text in INLINE.findall(self.subject or "")]
        if not str(body).strip():
            return found
        root = html.fragment_fromstring(str(body), create_parent="div")
        local = {
            node.get(name)
            for node in root.iter(etree.Element)
            for name in ("t-set", "t-as")
            if node.get(name)
        }
        for node in root.iter(etree.Element):
            for name, value in node.attrib.items():
                if name in EXPRESSIONS or name.startswith("t-att-"):
                    found.append((value, local))
                elif name.startswith("t-attf-"):
                    found += [(text, local) for text in INLINE.findall(value)]
        return found

    def _unknown_in(self, expression, local):
        """Return the first name in ``expression`` that does not exist, else False."""
        try:
            tree = ast.parse(expression.strip(), mode="eval")
        except SyntaxError:
            return expression.strip()
        known = set(self._render_eval_context()) | set(local) | {"object"}
        known |= (
            set(dir(__builtins__))
            if not isinstance(__builtins__, dict)
            else set(__builtins__)
        )
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id not in known:
                return node.id
            if isinstance(node, ast.Attribute):
                wrong = self._unknown_path(node)
                if wrong:
                    return wrong
        return False

    def _unknown_path(self, node):
        """Return the path ``object.a.b`` when one of its parts is no field or method, else False."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id != "object":
            return False
        model = self.env[self.model]
        for place, part in enumerate(parts):
            if part not in model._fields:
                known = hasattr(type(model), part)
                return False if known else ".".join(("object", *parts[: place + 1]))
            comodel = model._fields[part].comodel_name
            if not comodel:
                return False
            model = self.env[comodel]
        return False
