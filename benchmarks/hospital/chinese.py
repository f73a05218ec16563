"""A Chinese ultrasound department: one .xlsx with classes, pathology after surgery, full-width digits and filters."""
# ruff: noqa: RUF001  # what Chinese is written with

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from hospital.records import Nodule, Patient, Picture, Truth, choose, make_patients, place, spare

HEADER = (
    "序号", "住院号", "姓名", "性别", "出生日期", "检查日期", "结节位置", "结节大小（mm）", "TI-RADS分类",
    "细针穿刺结果", "术后病理", "良恶性", "图片名称", "联系电话", "备注",
)  # fmt: skip
BENIGN = (
    "结节性甲状腺肿",
    "甲状腺滤泡状腺瘤",
    "结节性甲状腺肿伴腺瘤样增生，未见恶性成分",
    "桥本甲状腺炎",
    "腺瘤样结节，未见癌",
)
MALIGNANT = (
    "甲状腺乳头状癌",
    "甲状腺微小乳头状癌，未见淋巴结转移",
    "甲状腺滤泡状癌",
    "甲状腺髓样癌",
    "（左叶）乳头状癌，中央区淋巴结转移（2/6）",
)
UNSURE = ("考虑乳头状癌可能", "交界性肿瘤，不除外恶性")
EMPTY = ("", "无", "—", "未做", "/")
NAMES = ("王芳", "李娜", "张伟", "刘洋", "陈静", "杨秀英", "赵磊", "黄敏", "周杰", "吴婷")
PHONE = "13800001234"
_SIDES = {"left": ("左叶", "左侧叶中部"), "right": ("右叶", "右"), "isthmus": ("峡部",)}
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")
_ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ", 5: "Ⅴ", 6: "Ⅵ"}


def write(pictures: Sequence[Picture], folder: Path, *, seed: int = 3) -> Truth:
    """Write `甲状腺结节登记表.xlsx` and its images."""
    used, unused = spare(pictures, 3)
    patients, truth = make_patients(used, seed=seed), Truth()
    book = Workbook()
    sheet = book.active
    sheet.title = "登记表"
    sheet.append(["甲状腺结节超声登记表（2021—2023年）"])
    sheet.merge_cells("A1:O1")
    sheet.append(list(HEADER))
    count = 0
    for patient in patients:
        for nodule in patient.nodules:
            for picture in nodule.pictures:
                count += 1
                sheet.append(_row(count, patient, nodule, picture, folder=folder, truth=truth))
                if count % 11 == 0:
                    sheet.row_dimensions[sheet.max_row].hidden = True  # somebody's filter was left on
        if patient.number == 12:
            sheet.append(list(HEADER))
    sheet.append(
        [count + 1, "0099001", "未存图", "女", "1960年2月1日", "2022年3月4日", "左叶", "12×9", "3类", "",
         BENIGN[0], "良性", "US9999.jpg", PHONE, ""]
    )  # fmt: skip
    truth.no_image.append("US9999.jpg")
    sheet.append([f"合计：{count + 1} 例"])
    sheet.append(["注：TI-RADS分类依据C-TIRADS 2020；良恶性以术后病理为准"])
    sheet.column_dimensions["N"].hidden = True
    truth.personal.append(PHONE)
    for number, picture in enumerate(unused):
        truth.no_row.append(place(picture, folder, f"图片/未登记/临时{number}{picture.path.suffix}"))
    book.save(folder / "甲状腺结节登记表.xlsx")
    truth.save(folder)
    return truth


def _row(count: int, patient: Patient, nodule: Nodule, picture: Picture, *, folder: Path, truth: Truth) -> list[object]:
    stem = f"US{count:04d}"
    kept = place(picture, folder, f"图片/{patient.exam.year}年/{stem}{picture.path.suffix}")
    truth.add(kept, patient, nodule)
    name = choose(NAMES, patient.name)
    birth = _chinese(patient.birth)
    truth.personal += [one for one in (name, birth) if one not in truth.personal]
    size = "×".join(f"{side:g}" for side in nodule.size[:2] if side)
    return [
        count,
        (f"{patient.number + 1200:07d}", patient.number + 1200)[count % 2],
        name,
        {"F": "女", "M": "男"}[patient.sex],
        birth,
        (_chinese(patient.exam), patient.exam, f"{patient.exam:%Y.%m.%d}")[count % 3],
        choose(_SIDES[nodule.side], count),
        size.translate(_FULL) if count % 6 == 0 else size,
        (f"{nodule.tirads}类", nodule.tirads, f"TI-RADS {nodule.tirads.upper()}")[count % 3],
        _cytology(nodule, count),
        _pathology(nodule, count),
        _class(nodule, count),
        (stem, f"{stem}{picture.path.suffix}", f"{stem.lower()}.JPG")[count % 3],
        PHONE,
        "复查" if count % 8 == 0 else "",
    ]


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _pathology(nodule: Nodule, count: int) -> str:
    if nodule.evidence == "histology":
        return choose(BENIGN if nodule.label == "benign" else MALIGNANT, nodule.words)
    if nodule.evidence == "suspected":
        return choose(UNSURE, nodule.words)
    if nodule.evidence == "contradiction":  # against its own class, below
        return choose(MALIGNANT if nodule.label == "benign" else BENIGN, nodule.words)
    return choose(EMPTY, count)


def _class(nodule: Nodule, count: int) -> str:
    """Benign or malignant, as somebody wrote after surgery; empty where it is not known."""
    if nodule.evidence in ("histology", "contradiction"):
        return "良性" if nodule.label == "benign" else "恶性"
    return choose(EMPTY, count + 1)


def _cytology(nodule: Nodule, count: int) -> str:
    if nodule.bethesda is None:
        return choose(EMPTY, count + 2)
    roman = _ROMAN[nodule.bethesda]
    return (f"Bethesda {roman}类", f"BSRTC {roman}", f"Bethesda {nodule.bethesda}类")[count % 3]
