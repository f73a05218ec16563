"""Where the methods come from: what a Methods section cites, one entry for each key."""

import re
from typing import Final

_MARK = re.compile(r" ?\[([a-z][a-z0-9]+(?:, ?[a-z][a-z0-9]+)*)\]")

REFERENCES: Final = {
    "altman2000": "Altman DG, Machin D, Bryant TN, Gardner MJ. Statistics with confidence. 2nd ed. London: BMJ Books;"
    " 2000.",
    "bossuyt2015": "Bossuyt PM, Reitsma JB, Bruns DE, et al. STARD 2015: an updated list of essential items for"
    " reporting diagnostic accuracy studies. BMJ. 2015;351:h5527.",
    "brown2001": "Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion. Stat Sci."
    " 2001;16:101-133.",
    "bunch1978": "Bunch PC, Hamilton JF, Sanderson GK, Simmons AH. A free-response approach to the measurement and"
    " characterization of radiographic-observer performance. J Appl Photogr Eng. 1978;4:166-171.",
    "chakraborty2004": "Chakraborty DP, Berbaum KS. Observer studies involving detection and localization:"
    " modeling, analysis, and validation. Med Phys. 2004;31:2313-2330.",
    "chakraborty2008": "Chakraborty DP. Validation and statistical power comparison of methods for analyzing"
    " free-response observer performance studies. Acad Radiol. 2008;15:1554-1566.",
    "chakraborty2016": "Chakraborty DP, Zhai X. On the meaning of the weighted alternative free-response operating"
    " characteristic figure of merit. Med Phys. 2016;43:2548-2557.",
    "delong1988": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver"
    " operating characteristic curves: a nonparametric approach. Biometrics. 1988;44:837-845.",
    "efron1993": "Efron B, Tibshirani RJ. An introduction to the bootstrap. New York: Chapman & Hall; 1993.",
    "fagerland2013": "Fagerland MW, Lydersen S, Laake P. The McNemar test for binary matched-pairs data: mid-p and"
    " asymptotic are better than exact conditional. BMC Med Res Methodol. 2013;13:91.",
    "hillis2007": "Hillis SL. A comparison of denominator degrees of freedom methods for multiple observer ROC"
    " analysis. Stat Med. 2007;26:596-619.",
    "hillis2014": "Hillis SL. A marginal-mean ANOVA approach for analyzing multireader multicase radiological imaging"
    " data. Stat Med. 2014;33:330-360.",
    "holm1979": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat. 1979;6:65-70.",
    "liang1986": "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika."
    " 1986;73:13-22.",
    "moskowitz2006": "Moskowitz CS, Pepe MS. Comparing the predictive values of diagnostic tests: sample size and"
    " analysis for paired study designs. Clin Trials. 2006;3:272-279.",
    "newcombe1998": "Newcombe RG. Improved confidence intervals for the difference between binomial proportions based"
    " on paired data. Stat Med. 1998;17:2635-2650.",
    "niemeijer2011": "Niemeijer M, Loog M, Abràmoff MD, Viergever MA, Prokop M, van Ginneken B. On combining"
    " computer-aided detection systems. IEEE Trans Med Imaging. 2011;30:215-223.",
    "obuchowski1995": "Obuchowski NA, Rockette HE. Hypothesis testing of diagnostic accuracy for multiple readers and"
    " multiple tests: an ANOVA approach with dependent observations. Commun Stat Simul Comput. 1995;24:285-308.",
    "obuchowski1997": "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics. 1997;53:567-578.",
    "pepe2003": "Pepe MS. The statistical evaluation of medical tests for classification and prediction. Oxford: Oxford"
    " University Press; 2003.",
    "schuirmann1987": "Schuirmann DJ. A comparison of the two one-sided tests procedure and the power approach for"
    " assessing the equivalence of average bioavailability. J Pharmacokinet Biopharm. 1987;15:657-680.",
    "swensson1996": "Swensson RG. Unified measurement of observer performance in detecting and localizing target"
    " objects on images. Med Phys. 1996;23:1709-1725.",
    "tango1998": "Tango T. Equivalence test and confidence interval for the difference in proportions for the"
    " paired-sample design. Stat Med. 1998;17:891-908.",
    "wilson1927": "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc."
    " 1927;22:209-212.",
}
"""What a key stands for; a sentence cites it in square brackets, `[delong1988]` or `[delong1988, obuchowski1997]`."""


def citations(text: str) -> list[str]:
    """The keys that a text cites, in order, each once.

    Raises:
        KeyError: a key that is not in `REFERENCES`.

    >>> citations("Areas after DeLong [delong1988], with patients [obuchowski1997, delong1988].")
    ['delong1988', 'obuchowski1997']
    """
    keys = list(dict.fromkeys(key for found in _MARK.findall(text) for key in _keys(found)))
    for key in keys:
        if key not in REFERENCES:
            raise KeyError(f"there is no reference {key!r}")
    return keys


def numbered(text: str) -> tuple[str, list[str]]:
    """A text with its citations as numbers, and the list of references that they count.

    >>> numbered("Wilson's interval [wilson1927] was used.")[0]
    "Wilson's interval [1] was used."
    """
    keys = citations(text)

    def number(found: re.Match[str]) -> str:
        return f" [{', '.join(str(keys.index(key) + 1) for key in _keys(found.group(1)))}]"

    return _MARK.sub(number, text), [REFERENCES[key] for key in keys]


def cited_in_latex(text: str) -> str:
    r"""A text with its citations as LaTeX commands.

    >>> cited_in_latex("Wilson's interval [wilson1927] was used.")
    "Wilson's interval~\\cite{wilson1927} was used."
    """
    return _MARK.sub(lambda found: rf"~\cite{{{','.join(_keys(found.group(1)))}}}", text)


def _keys(inside: str) -> list[str]:
    return [key.strip() for key in inside.split(",")]
