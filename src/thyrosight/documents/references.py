"""Where the methods come from: what a Methods section cites, one entry for each key."""

import re
from typing import Final

KEYS: Final = r"[a-z][a-z0-9]+(?:, ?[a-z][a-z0-9]+)*"
"""Keys between the brackets of a citation, as a regular expression."""
_MARK = re.compile(rf" ?\[({KEYS})\]")

REFERENCES: Final = {
    "altman2000": "Altman DG, Machin D, Bryant TN, Gardner MJ. Statistics with confidence. 2nd ed. London: BMJ Books;"
    " 2000.",
    "austin2019": "Austin PC, Steyerberg EW. The Integrated Calibration Index (ICI) and related metrics for"
    " quantifying the calibration of logistic regression models. Stat Med. 2019;38:4051-4065.",
    "begg1983": "Begg CB, Greenes RA. Assessment of diagnostic tests when disease verification is subject to"
    " selection bias. Biometrics. 1983;39:207-215.",
    "bland1996": "Bland JM, Altman DG. Measurement error. BMJ. 1996;313:744.",
    "bland1999": "Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res."
    " 1999;8:135-160.",
    "bland2007": "Bland JM, Altman DG. Agreement between methods of measurement with multiple observations per"
    " individual. J Biopharm Stat. 2007;17:571-582.",
    "bloch1989": "Bloch DA, Kraemer HC. 2 x 2 kappa coefficients: measures of agreement or association. Biometrics."
    " 1989;45:269-287.",
    "bossuyt2015": "Bossuyt PM, Reitsma JB, Bruns DE, et al. STARD 2015: an updated list of essential items for"
    " reporting diagnostic accuracy studies. BMJ. 2015;351:h5527.",
    "brier1950": "Brier GW. Verification of forecasts expressed in terms of probability. Mon Weather Rev. 1950;78:1-3.",
    "brown2001": "Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion. Stat Sci."
    " 2001;16:101-133.",
    "buderer1996": "Buderer NM. Statistical methodology: I. Incorporating the prevalence of disease into the sample"
    " size calculation for sensitivity and specificity. Acad Emerg Med. 1996;3:895-900.",
    "bunch1978": "Bunch PC, Hamilton JF, Sanderson GK, Simmons AH. A free-response approach to the measurement and"
    " characterization of radiographic-observer performance. J Appl Photogr Eng. 1978;4:166-171.",
    "byrt1993": "Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol. 1993;46:423-429.",
    "carkeet2015": "Carkeet A. Exact parametric confidence intervals for Bland-Altman limits of agreement. Optom Vis"
    " Sci. 2015;92:e71-e80.",
    "chakraborty2004": "Chakraborty DP, Berbaum KS. Observer studies involving detection and localization: modeling,"
    " analysis, and validation. Med Phys. 2004;31:2313-2330.",
    "chakraborty2008": "Chakraborty DP. Validation and statistical power comparison of methods for analyzing"
    " free-response observer performance studies. Acad Radiol. 2008;15:1554-1566.",
    "chakraborty2016": "Chakraborty DP, Zhai X. On the meaning of the weighted alternative free-response operating"
    " characteristic figure of merit. Med Phys. 2016;43:2548-2557.",
    "chen2014": "Chen W, Samuelson FW. The average receiver operating characteristic curve in multireader multicase"
    " imaging studies. Br J Radiol. 2014;87:20140016.",
    "chen2018": "Chen W, Gong Q, Gallas BD. Paired split-plot designs of multireader multicase studies. J Med"
    " Imaging. 2018;5:031410.",
    "chu2006": "Chu H, Cole SR. Bivariate meta-analysis of sensitivity and specificity with sparse data: a"
    " generalized linear mixed model approach. J Clin Epidemiol. 2006;59:1331-1332.",
    "cohen1960": "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas. 1960;20:37-46.",
    "cohen1968": "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial"
    " credit. Psychol Bull. 1968;70:213-220.",
    "connor1987": "Connor RJ. Sample size for testing differences in proportions for the paired-sample design."
    " Biometrics. 1987;43:207-211.",
    "cox1958": "Cox DR. Two further applications of a model for binary regression. Biometrika. 1958;45:562-565.",
    "delong1988": "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver"
    " operating characteristic curves: a nonparametric approach. Biometrics. 1988;44:837-845.",
    "deng2009": "Deng J, Dong W, Socher R, Li LJ, Li K, Fei-Fei L. ImageNet: a large-scale hierarchical image"
    " database. Proc IEEE Conf Comput Vis Pattern Recognit. 2009:248-255.",
    "dice1945": "Dice LR. Measures of the amount of ecologic association between species. Ecology. 1945;26:297-302.",
    "efron1993": "Efron B, Tibshirani RJ. An introduction to the bootstrap. New York: Chapman & Hall; 1993.",
    "fagerland2013": "Fagerland MW, Lydersen S, Laake P. The McNemar test for binary matched-pairs data: mid-p and"
    " asymptotic are better than exact conditional. BMC Med Res Methodol. 2013;13:91.",
    "firth1993": "Firth D. Bias reduction of maximum likelihood estimates. Biometrika. 1993;80:27-38.",
    "fleiss1969": "Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychol"
    " Bull. 1969;72:323-327.",
    "fleiss1971": "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull. 1971;76:378-382.",
    "guo2017": "Guo C, Pleiss G, Sun Y, Weinberger KQ. On calibration of modern neural networks. Proc Mach Learn Res."
    " 2017;70:1321-1330.",
    "gwet2008": "Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement. Br J"
    " Math Stat Psychol. 2008;61:29-48.",
    "gwet2021": "Gwet KL. Large-sample variance of Fleiss generalized kappa. Educ Psychol Meas. 2021;81:781-790.",
    "hand2001": "Hand DJ, Till RJ. A simple generalisation of the area under the ROC curve for multiple class"
    " classification problems. Mach Learn. 2001;45:171-186.",
    "hanley1982": "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating characteristic"
    " (ROC) curve. Radiology. 1982;143:29-36.",
    "hanley1983": "Hanley JA, McNeil BJ. A method of comparing the areas under receiver operating characteristic"
    " curves derived from the same cases. Radiology. 1983;148:839-843.",
    "harbord2007": "Harbord RM, Deeks JJ, Egger M, Whiting P, Sterne JA. A unification of models for meta-analysis of"
    " diagnostic accuracy studies. Biostatistics. 2007;8:239-251.",
    "harrell2015": "Harrell FE. Regression modeling strategies. 2nd ed. Cham: Springer; 2015.",
    "he2015": "He K, Zhang X, Ren S, Sun J. Spatial pyramid pooling in deep convolutional networks for visual"
    " recognition. IEEE Trans Pattern Anal Mach Intell. 2015;37:1904-1916.",
    "he2016": "He K, Zhang X, Ren S, Sun J. Deep residual learning for image recognition. Proc IEEE Conf Comput Vis"
    " Pattern Recognit. 2016:770-778.",
    "heinze2002": "Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med."
    " 2002;21:2409-2419.",
    "hilden2014": "Hilden J, Gerds TA. A note on the evaluation of novel biomarkers: do not rely on integrated"
    " discrimination improvement and net reclassification index. Stat Med. 2014;33:3405-3414.",
    "hillis2007": "Hillis SL. A comparison of denominator degrees of freedom methods for multiple observer ROC"
    " analysis. Stat Med. 2007;26:596-619.",
    "hillis2011": "Hillis SL, Obuchowski NA, Berbaum KS. Power estimation for multireader ROC methods: an updated and"
    " unified approach. Acad Radiol. 2011;18:129-142.",
    "hillis2014": "Hillis SL. A marginal-mean ANOVA approach for analyzing multireader multicase radiological imaging"
    " data. Stat Med. 2014;33:330-360.",
    "holm1979": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat. 1979;6:65-70.",
    "hosmer2013": "Hosmer DW, Lemeshow S, Sturdivant RX. Applied logistic regression. 3rd ed. Hoboken: Wiley; 2013.",
    "kingma2015": "Kingma DP, Ba J. Adam: a method for stochastic optimization. arXiv. 2015:1412.6980.",
    "kish1965": "Kish L. Survey sampling. New York: Wiley; 1965.",
    "krippendorff2018": "Krippendorff K. Content analysis: an introduction to its methodology. 4th ed. Los Angeles:"
    " Sage; 2018.",
    "krizhevsky2014": "Krizhevsky A. One weird trick for parallelizing convolutional neural networks. arXiv."
    " 2014:1404.5997.",
    "kull2017": "Kull M, Silva Filho TM, Flach P. Beta calibration: a well-founded and easily implemented improvement"
    " on logistic calibration for binary classifiers. Proc Mach Learn Res. 2017;54:623-631.",
    "liang1986": "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika."
    " 1986;73:13-22.",
    "lin1989": "Lin LI. A concordance correlation coefficient to evaluate reproducibility. Biometrics."
    " 1989;45:255-268.",
    "lin2000": "Lin LI. A note on the concordance correlation coefficient. Biometrics. 2000;56:324-325.",
    "lin2017": "Lin TY, Goyal P, Girshick R, He K, Dollár P. Focal loss for dense object detection. Proc IEEE Int"
    " Conf Comput Vis. 2017:2980-2988.",
    "loshchilov2019": "Loshchilov I, Hutter F. Decoupled weight decay regularization. arXiv. 2019:1711.05101.",
    "mcclish1989": "McClish DK. Analyzing a portion of the ROC curve. Med Decis Making. 1989;9:190-195.",
    "mehta2018": "Mehta S, Mercan E, Bartlett J, Weaver D, Elmore JG, Shapiro L. Y-Net: joint segmentation and"
    " classification for diagnosis of breast biopsy images. Lect Notes Comput Sci. 2018;11071:893-901.",
    "moskowitz2006": "Moskowitz CS, Pepe MS. Comparing the predictive values of diagnostic tests: sample size and"
    " analysis for paired study designs. Clin Trials. 2006;3:272-279.",
    "naeini2015": "Naeini MP, Cooper GF, Hauskrecht M. Obtaining well calibrated probabilities using Bayesian"
    " binning. Proc AAAI Conf Artif Intell. 2015;29:2901-2907.",
    "nam1997": "Nam JM. Establishing equivalence of two treatments and sample size requirements in matched-pairs"
    " design. Biometrics. 1997;53:1422-1430.",
    "newcombe1998": "Newcombe RG. Improved confidence intervals for the difference between binomial proportions based"
    " on paired data. Stat Med. 1998;17:2635-2650.",
    "newcombe2006": "Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney"
    " statistic. Part 2: asymptotic methods and evaluation. Stat Med. 2006;25:559-573.",
    "niemeijer2011": "Niemeijer M, Loog M, Abràmoff MD, Viergever MA, Prokop M, van Ginneken B. On combining"
    " computer-aided detection systems. IEEE Trans Med Imaging. 2011;30:215-223.",
    "obuchowski1994": "Obuchowski NA. Computing sample size for receiver operating characteristic studies. Invest"
    " Radiol. 1994;29:238-243.",
    "obuchowski1995": "Obuchowski NA, Rockette HE. Hypothesis testing of diagnostic accuracy for multiple readers and"
    " multiple tests: an ANOVA approach with dependent observations. Commun Stat Simul Comput. 1995;24:285-308.",
    "obuchowski1997": "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics. 1997;53:567-578.",
    "obuchowski2009": "Obuchowski NA. Reducing the number of reader interpretations in MRMC studies. Acad Radiol."
    " 2009;16:209-217.",
    "paszke2019": "Paszke A, Gross S, Massa F, et al. PyTorch: an imperative style, high-performance deep learning"
    " library. Adv Neural Inf Process Syst. 2019;32:8024-8035.",
    "pencina2008": "Pencina MJ, D'Agostino RB, D'Agostino RB Jr, Vasan RS. Evaluating the added predictive ability of"
    " a new marker: from area under the ROC curve to reclassification and beyond. Stat Med. 2008;27:157-172.",
    "pencina2011": "Pencina MJ, D'Agostino RB, Steyerberg EW. Extensions of net reclassification improvement"
    " calculations to measure usefulness of new biomarkers. Stat Med. 2011;30:11-21.",
    "pepe2003": "Pepe MS. The statistical evaluation of medical tests for classification and prediction. Oxford:"
    " Oxford University Press; 2003.",
    "pepe2015": "Pepe MS, Fan J, Feng Z, Gerds T, Hilden J. The net reclassification index (NRI): a misleading"
    " measure of prediction improvement even with independent test data sets. Stat Biosci. 2015;7:282-295.",
    "platt1999": "Platt JC. Probabilistic outputs for support vector machines and comparisons to regularized likelihood"
    " methods. In: Advances in large margin classifiers. Cambridge: MIT Press; 1999.",
    "reitsma2005": "Reitsma JB, Glas AS, Rutjes AW, et al. Bivariate analysis of sensitivity and specificity produces"
    " informative summary measures in diagnostic reviews. J Clin Epidemiol. 2005;58:982-990.",
    "riley2019": "Riley RD, Snell KIE, Ensor J, et al. Minimum sample size for developing a multivariable prediction"
    " model: part II - binary and time-to-event outcomes. Stat Med. 2019;38:1276-1296.",
    "riley2020": "Riley RD, Ensor J, Snell KIE, et al. Calculating the sample size required for developing a clinical"
    " prediction model. BMJ. 2020;368:m441.",
    "riley2021": "Riley RD, Debray TPA, Collins GS, et al. Minimum sample size for external validation of a clinical"
    " prediction model with a binary outcome. Stat Med. 2021;40:4230-4251.",
    "robin2011": "Robin X, Turck N, Hainard A, et al. pROC: an open-source package for R and S+ to analyze and"
    " compare ROC curves. BMC Bioinformatics. 2011;12:77.",
    "ronneberger2015": "Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image"
    " segmentation. Lect Notes Comput Sci. 2015;9351:234-241.",
    "schalekamp2014": "Schalekamp S, van Ginneken B, Schaefer-Prokop CM, Karssemeijer N. Influence of study design in"
    " receiver operating characteristics studies: sequential versus independent reading. J Med Imaging."
    " 2014;1:015501.",
    "schuirmann1987": "Schuirmann DJ. A comparison of the two one-sided tests procedure and the power approach for"
    " assessing the equivalence of average bioavailability. J Pharmacokinet Biopharm. 1987;15:657-680.",
    "selvaraju2017": "Selvaraju RR, Cogswell M, Das A, Vedantam R, Parikh D, Batra D. Grad-CAM: visual explanations"
    " from deep networks via gradient-based localization. Proc IEEE Int Conf Comput Vis. 2017:618-626.",
    "shrout1979": "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull."
    " 1979;86:420-428.",
    "simonyan2015": "Simonyan K, Zisserman A. Very deep convolutional networks for large-scale image recognition."
    " arXiv. 2015:1409.1556.",
    "smith2020": "Smith BJ, Hillis SL. Multi-reader multi-case analysis of variance software for diagnostic performance"
    " comparison of imaging modalities. Proc SPIE. 2020;11316:113160K.",
    "spiegelhalter1986": "Spiegelhalter DJ. Probabilistic prediction in patient management and clinical trials. Stat"
    " Med. 1986;5:421-433.",
    "swensson1996": "Swensson RG. Unified measurement of observer performance in detecting and localizing target"
    " objects on images. Med Phys. 1996;23:1709-1725.",
    "szegedy2015": "Szegedy C, Liu W, Jia Y, et al. Going deeper with convolutions. Proc IEEE Conf Comput Vis Pattern"
    " Recognit. 2015:1-9.",
    "szegedy2016": "Szegedy C, Vanhoucke V, Ioffe S, Shlens J, Wojna Z. Rethinking the Inception architecture for"
    " computer vision. Proc IEEE Conf Comput Vis Pattern Recognit. 2016:2818-2826.",
    "takwoingi2017": "Takwoingi Y, Guo B, Riley RD, Deeks JJ. Performance of methods for meta-analysis of diagnostic"
    " test accuracy with few studies or sparse data. Stat Methods Med Res. 2017;26:1896-1911.",
    "tan2019": "Tan M, Le QV. EfficientNet: rethinking model scaling for convolutional neural networks. Proc Mach"
    " Learn Res. 2019;97:6105-6114.",
    "tango1998": "Tango T. Equivalence test and confidence interval for the difference in proportions for the"
    " paired-sample design. Stat Med. 1998;17:891-908.",
    "thomas1978": "Thomas JD, Hultquist RA. Interval estimation for the unbalanced case of the one-way random effects"
    " model. Ann Stat. 1978;6:582-587.",
    "vancalster2013": "Van Calster B, Vickers AJ, Pencina MJ, Baker SG, Timmerman D, Steyerberg EW. Evaluation of"
    " markers and risk prediction models: overview of relationships between NRI and decision-analytic measures. Med"
    " Decis Making. 2013;33:490-501.",
    "vancalster2016": "Van Calster B, Nieboer D, Vergouwe Y, De Cock B, Pencina MJ, Steyerberg EW. A calibration"
    " hierarchy for risk models was defined: from utopia to empirical data. J Clin Epidemiol. 2016;74:167-176.",
    "vansmeden2019": "van Smeden M, Moons KG, de Groot JA, et al. Sample size for binary logistic prediction models:"
    " beyond events per variable criteria. Stat Methods Med Res. 2019;28:2455-2474.",
    "vickers2006": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models."
    " Med Decis Making. 2006;26:565-574.",
    "wilson1927": "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc."
    " 1927;22:209-212.",
    "yang2014": "Yang Z, Zhou M. Kappa statistic for clustered matched-pair data. Stat Med. 2014;33:2612-2633.",
    "youden1950": "Youden WJ. Index for rating diagnostic tests. Cancer. 1950;3:32-35.",
    "zadrozny2002": "Zadrozny B, Elkan C. Transforming classifier scores into accurate multiclass probability"
    " estimates. Proc ACM SIGKDD Int Conf Knowl Discov Data Min. 2002:694-699.",
    "zou2013": "Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple"
    " observations per individual. Stat Methods Med Res. 2013;22:630-642.",
}
"""References by key; a sentence cites them in square brackets, `[delong1988]` or `[delong1988, obuchowski1997]`."""


def citations(text: str) -> list[str]:
    """The keys that a text cites, in order, each once.

    Raises:
        KeyError: a key that is not in `REFERENCES`.

    >>> citations("Areas after DeLong [delong1988], with patients [obuchowski1997, delong1988].")
    ['delong1988', 'obuchowski1997']
    """
    keys = list(dict.fromkeys(key for found in _MARK.findall(text) for key in split_keys(found)))
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
        return f" [{', '.join(str(keys.index(key) + 1) for key in split_keys(found.group(1)))}]"

    return _MARK.sub(number, text), [REFERENCES[key] for key in keys]


def cited_in_latex(text: str) -> str:
    r"""A text with its citations as LaTeX commands.

    >>> cited_in_latex("Wilson's interval [wilson1927] was used.")
    "Wilson's interval~\\cite{wilson1927} was used."
    """
    return _MARK.sub(lambda found: rf"~\cite{{{','.join(split_keys(found.group(1)))}}}", text)


def split_keys(inside: str) -> list[str]:
    """Keys of references that stand in one pair of brackets."""
    return [key.strip() for key in inside.split(",")]
