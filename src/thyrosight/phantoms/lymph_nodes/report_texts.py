"""The sentences of simulated reports, in English and Chinese.

Conclusions use the words of Table 1 of Zhao et al., Front Oncol 2023, and their usual Chinese equivalents. Descriptions
of single features use none of these words, except in negations without a conclusion ("no suspicious calcification").
"""

# ruff: noqa: RUF001 (Chinese punctuation is meant)

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["English", "Chinese"]
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Templates:
    """The sentences of one language.

    Attributes:
        places: names of neck level and side, by side, with {level}.
        findings: first sentences, with {place}, {long} and {short}.
        features: sentences about one feature, by its name and level.
        mentioned: share of these that a report mentions.
        conclusions: last sentences, by conclusion: benign, malignant or undecided.
        signs: further last sentences of malignant reports on nodes with a feature, by its name and level.
        between: what stands between sentences.
    """

    places: Mapping[str, str]
    findings: Texts
    features: Mapping[tuple[str, str], Texts]
    mentioned: float
    conclusions: Mapping[str, Texts]
    signs: Mapping[tuple[str, str], Texts]
    between: str


_ENGLISH = Templates(
    places={"left": "left neck level {level}", "right": "right neck level {level}", "middle": "neck level {level}"},
    findings=(
        "A lymph node is seen in {place}, {long:.0f} x {short:.0f} mm.",
        "Lymph node in {place} measuring {long:.1f} x {short:.1f} mm.",
        "Ultrasound of the neck: one lymph node at {place}, about {long:.0f} mm by {short:.0f} mm.",
        "{place}: lymph node, size {long:.1f} mm x {short:.1f} mm.",
    ),
    features={
        ("hilum", "present"): ("The echogenic hilum is preserved.", "Fatty hilum visible."),
        ("hilum", "lost"): ("The hilum is not seen.", "No echogenic hilum."),
        ("node_shape", "oval"): ("Oval shape.", "The node is elongated."),
        ("node_shape", "round"): ("Round shape.", "The ratio of short to long axis is more than 0.5."),
        ("cystic_change", "present"): ("An anechoic area is seen inside.", "Partly cystic."),
        ("cystic_change", "absent"): ("No suspicious necrosis.", "No cystic change."),
        ("microcalcification", "present"): ("Punctate echogenic foci are seen.", "Several tiny bright spots inside."),
        ("microcalcification", "absent"): (
            "No suspicious calcification.",
            "Without suspicious calcification.",
            "No suspicious microcalcifications.",
        ),
        ("echogenicity", "hyperechoic"): ("Hyperechoic, similar to thyroid tissue.", "The echo is raised."),
        ("echogenicity", "hypoechoic"): ("The cortex is hypoechoic.", "Hypoechoic."),
        ("margin", "smooth"): ("Well-defined border.", "The margin is smooth."),
        ("margin", "irregular"): ("The margin is irregular.", "Irregular border."),
    },
    mentioned=0.55,
    conclusions={
        "malignant": (
            "Impression: abnormal lymph node, metastasis cannot be excluded.",
            "Impression: lymphadenopathy.",
            "Lymph node enlargement, consider metastasis.",
            "Suspected metastatic lymph node of thyroid cancer.",
            "Abnormal lymph node. Fine needle aspiration is advised.",
            "CA suspected.",
            "Enlarged lymph node; Ca not excluded.",
            "Metastases are possible, although the node is small.",
        ),
        "benign": (
            "Impression: normal lymph node.",
            "Impression: reactive hyperplasia.",
            "Reactive hyperplastic lymph node.",
            "Normal structure of the node. No abnormal lymph node was seen.",
            "No enlarged lymph nodes.",
            "No evidence of metastasis.",
            "Lymph node of normal structure, without lymphadenopathy.",
            "Impression: reactive lymph node rather than metastasis.",
            "Metastasis was not found.",
        ),
        "undecided": (
            "See image.",
            "Please correlate with the clinical findings.",
            "Reactive hyperplasia or metastasis; follow-up in three months.",
            "No suspicious calcification. Fine needle aspiration at the wish of the patient.",
            "Follow-up is advised.",
        ),
    },
    signs={
        ("microcalcification", "present"): ("Suspicious calcification, fine needle aspiration is advised.",) * 3,
        ("cystic_change", "present"): ("Suspicious cystic necrosis inside.", "Suspicious necrosis."),
    },
    between=" ",
)

_CHINESE = Templates(
    places={"left": "左颈部{level}区", "right": "右颈部{level}区", "middle": "颈部{level}区"},
    findings=(
        "{place}可见一淋巴结，大小约{long:.0f}×{short:.0f}mm。",
        "{place}探及淋巴结回声，大小{long:.1f}mm×{short:.1f}mm。",
        "超声所见：{place}淋巴结，长径约{long:.0f}mm，短径约{short:.0f}mm。",
    ),
    features={
        ("hilum", "present"): ("淋巴门可见。", "淋巴门结构清晰。"),
        ("hilum", "lost"): ("未见淋巴门。", "淋巴门消失。"),
        ("node_shape", "oval"): ("呈椭圆形。", "形态呈长椭圆形。"),
        ("node_shape", "round"): ("形态趋圆。", "长短径之比小于2。"),
        ("cystic_change", "present"): ("内见无回声区。", "部分囊性变。"),
        ("cystic_change", "absent"): ("未见可疑坏死。", "内未见囊性变。"),
        ("microcalcification", "present"): ("内见点状强回声。", "内可见多个细小强回声点。"),
        ("microcalcification", "absent"): ("未见可疑钙化。", "内未探及可疑钙化。"),
        ("echogenicity", "hyperechoic"): ("内部回声增高，类似甲状腺组织。", "呈高回声。"),
        ("echogenicity", "hypoechoic"): ("呈低回声。", "皮质呈低回声。"),
        ("margin", "smooth"): ("边界清楚。", "边缘光滑。"),
        ("margin", "irregular"): ("边缘不规则。", "边界欠规则。"),
    },
    mentioned=0.55,
    conclusions={
        "malignant": (
            "提示：异常淋巴结，转移不除外。",
            "考虑淋巴结转移。",
            "淋巴结肿大，建议穿刺。",
            "淋巴结异常，转移癌可能。",
            "肿大淋巴结，不能排除转移。",
            "可见异常肿大淋巴结，Ca待排。",
        ),
        "benign": (
            "提示：正常淋巴结。",
            "考虑淋巴结反应性增生。",
            "淋巴结结构正常。",
            "未见异常淋巴结。",
            "双颈部未见肿大淋巴结。",
            "反应性淋巴结，未见转移征象。",
            "未探及明显异常肿大淋巴结。",
            "淋巴结正常结构存在，建议随访。",
        ),
        "undecided": (
            "请结合临床。",
            "建议随访复查。",
            "反应性增生或转移，建议复查。",
            "未见可疑钙化，请结合临床。",
            "见图。",
        ),
    },
    signs={
        ("microcalcification", "present"): ("淋巴结内可疑钙化，建议细针穿刺。",) * 3,
        ("cystic_change", "present"): ("可疑坏死，建议细针穿刺。", "内可疑坏死，异常淋巴结。"),
    },
    between="",
)

SENTENCES: Final[dict[Language, Templates]] = {"English": _ENGLISH, "Chinese": _CHINESE}
