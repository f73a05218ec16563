// What a question says: the usual words in the reader's language, the study's own words as they were written.

import { t } from "../app/words.js";

const USUAL = {
  score: () => t("How likely is the nodule malignant?"),
  descriptors: () => t("Describe the nodule."),
  "yes-no": () => t("Would you advise a biopsy?"),
  marks: () => t("Mark every place that looks malignant, and say how likely each one is malignant (0 to 100)."),
  choice: () => t("How confident are you?"),
  number: () => t("Which number?"),
  text: () => t("Comment"),
};
export const wording = (question) => (question.text ? t(question.text) : USUAL[question.kind]());
