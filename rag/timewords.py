"""The words of the calendar in French, English, German, Spanish, Italian, Portuguese and Dutch.

Patterns are for `re.IGNORECASE` on text whose white space is plain spaces.
"""

from __future__ import annotations

# French first, then English, German, Spanish, Italian, Portuguese, Dutch where they differ.
MONTHS = (
    "janvier january januar jänner enero gennaio janeiro januari janv jan",
    "février fevrier february februar febrero febbraio fevereiro februari févr feb",
    "mars march märz marzo março maart",
    "avril april abril aprile avr apr",
    "mai may mayo maggio maio mei",
    "juin june juni junio giugno junho",
    "juillet july juli julio luglio julho juil",
    "août aout august agosto augustus",
    "septembre september septiembre settembre setembro",
    "octobre october oktober octubre ottobre outubro oct",
    "novembre november noviembre novembro nov",
    "décembre decembre december dezember diciembre dicembre dezembro déc dec",
)

# First and last month. Winter runs into the next year.
SEASONS = {
    r"printemps|spring|frühling|frühjahr|primavera|voorjaar": (3, 5),
    r"été|summer|sommer|verano|estate|verão|zomer": (6, 8),
    r"automne|autumn|herbst|otoño|autunno|outono|herfst": (9, 11),
    r"hiver|winter|invierno|inverno": (12, 2),
    r"rentrée": (9, 9),
}

ORDINALS = (
    r"1er|1re|premi[eè]re?|1st|first|erste[ns]?|1\.|primer|primo|primeiro|eerste|1e",
    r"2e|2ème|deuxième|second|2nd|zweite[ns]?|2\.|segundo|secondo|tweede",
    r"3e|3ème|troisième|3rd|third|dritte[ns]?|3\.|tercer|terzo|terceiro|derde",
    r"4e|4ème|quatrième|4th|fourth|vierte[ns]?|4\.|cuarto|quarto|vierde",
)
QUARTER = r"trimestre|quarter|quartal|kwartaal"
HALF = r"semestre|half|halbjahr|halfjaar"

# A third of the moment that follows.
PARTS = (
    r"début|early|(?:the )?(?:start|beginning) of|anfang|(?:a )?(?:inicios|principios|comienzos) de"
    r"|inizio|(?:no )?(?:início|começo) de|begin",
    r"mi|mid|(?:the )?middle of|mitte|mediados de|metà|meados de|medio",
    r"fin|late|(?:the )?end of|ende|(?:a )?(?:fines|finales) de|fine|(?:no )?(?:fim|final) de|eind",
)

LAST_YEAR = (
    r"l['’]an(?:née)? (?:derni[eè]re?|passée?)|(?:the )?last year|letztes jahr|im letzten jahr"
    r"|(?:el )?año pasado|(?:l['’])?anno scorso|ano passado|(?:vorig|afgelopen) jaar"
)
THIS_YEAR = (
    r"cette année|this year|dieses jahr|in diesem jahr|este año|quest['’]anno|este ano|dit jaar"
    r"|l['’]année|the year"
)
NEXT_YEAR = (
    r"l['’]an(?:née)? prochaine?|next year|nächstes jahr|(?:el )?próximo año"
    r"|(?:l['’])?anno prossimo|próximo ano|volgend jaar"
)
LAST_QUARTER = r"(?:le )?trimestre (?:dernier|passé)|(?:the )?last quarter|letzte[sn] quartal"
LAST_MONTH = (
    r"(?:le )?mois (?:dernier|passé)|(?:the )?last month|letzte[nr]? monat|vergangene[nr]? monat"
    r"|(?:el )?mes pasado|(?:lo )?scorso mese|(?:il )?mese scorso|(?:o )?mês passado"
    r"|(?:vorige|afgelopen) maand"
)
THIS_MONTH = (
    r"ce mois(?:[- ]ci)?|this month|diese[nmr]? monat|este mes|questo mese|este mês|deze maand"
)
LAST_WEEK = (
    r"(?:la )?semaine (?:derni[eè]re|passée)|(?:the )?last week|(?:letzte|vergangene)n? woche"
    r"|(?:la )?semana pasada|(?:la )?settimana scorsa|(?:la )?scorsa settimana|semana passada"
    r"|(?:vorige|afgelopen) week"
)
THIS_WEEK = (
    r"cette semaine|this week|diese[rn]? woche|esta semana|questa settimana|deze week"
    r"|(?:(?<=actualités de )|(?<=actus de )|(?<=infos de )|(?<=nouvelles de ))la semaine"
)
YESTERDAY = r"avant[- ]hier|hier|the day before yesterday|yesterday"
LAST_WEEKDAY = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?= dernier)"
    r"|(?<=last )(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
LAST_FEW = (
    r"[cl]es derni[eè]re?s"
    r"|(?:in )?(?:the |these )?(?:past|recent|last(?= (?:few|\d|t[wh]|s|f)))"
    r"|(?:in den |die )?letzten|(?:en )?l[oa]s últim[oa]s|(?:negli |nelle )?ultim[ie]"
    r"|n[oa]s últim[oa]s|(?:de )?afgelopen"
)

NUMBERS = {
    word: number
    for number, spelt in (
        (1, "un une one a ein eine einem einer una uno um uma een"),
        (2, "deux two zwei dos due dois duas twee"),
        (3, "trois three drei tres tre três drie few quelques"),
        (4, "quatre four vier cuatro quattro quatro"),
        (5, "cinq five fünf cinco cinque vijf"),
        (6, "six sechs seis sei zes"),
        (7, "sept seven"),
        (8, "huit eight"),
        (9, "neuf nine"),
        (10, "dix ten"),
        (12, "douze twelve"),
        (15, "quinze fifteen"),
    )
    for word in spelt.split()
}
UNITS = {
    r"jours?|days?|tage?n?|días?|giorni|giorno|dias?|dagen|dag": "days",
    r"semaines?|weeks?|wochen?|semanas?|settiman[ae]|weken|week": "weeks",
    r"mois|months?|monate?n?|mes(?:es)?|mes[ei]|maanden|maand|mês": "months",
    r"ans?|années?|years?|jahre?n?|años?|ann[io]|anos?|jaar": "years",
}

SINCE = r"depuis|à partir d[eu]?|since|from|starting|seit|ab|desde|dal(?:l[ao'’])?|da|sinds|vanaf"
BEFORE = r"avant|before|vor|antes de(?:l)?|prima d(?:i|el)|voor"
UNTIL = r"jusqu['’](?:à|en|au)|until|till|up to|bis|hasta|fino a(?:l)?|até|tot"
AFTER = r"après|after|nach|después de|dopo|depois de"
# A deadline is part of the fact asked for, never a period of issues.
DEADLINE = r"d['’]ici(?: à)?|by|à l['’]horizon"
BETWEEN = r"entre|between|zwischen|tussen|tra|fra|from|de|du|von|da|dal|van"
AND = r"et|and|und|y|e|en|à|au|to|until|bis|a|al|tot|-|–|—"
DURING = (
    r"en|in|au|im|em|no|na|nel|au mois d[e'’]|courant|during|durant|pendant|of|this|last"
    r"|d[e'’]|le|on|am|du|el|il|op|cet|cette|del?"
)
# What must stand before a month or season alone: « la conquête de Mars » is not of March.
IN = r"en|in|au|im|em|no|nel|au mois d[e'’]|courant|during|durant|pendant|this|last|cet|cette|à"
ITALIAN_MONTHS = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
)
ARTICLE = r"(?:le |la |l['’]|les |the |dem |der |den |el |il |lo |o |het |de |mois d[e'’] ?)?"

LETTER = (
    r"numéros?|lettres?|articles?|newsletters?|éditions?|issues?|bulletins?|ausgaben?|edición|boletín"
    r"|número|numero|lettera|edizione|edição|nummer|editie|nieuwsbrief|editions?|letters?"
)
NEWS = (
    r"quoi de neuf|s['’]est[- ]il passé|s['’]est passé|actualités?|actus?|infos"
    r"|quelles (?:sont les )?nouvelles|dernières nouvelles"
    r"|(?:a|ont|avez|as)(?:-t)?-?(?:on|il|elle|ils|elles|vous|tu)? ?(?:dit|appris|parlé|évoqué)"
    r"|parl(?:e|ait|é)|annonc\w+|mentionn\w+|rapporté\w*|évoqu\w+"
    r"|what['’]?s new|what is new|news|happen\w*|announc\w+|said|says?|report(?:ed|s)?|mention\w*"
    r"|talk(?:ed|s)? about|headlines|stories"
    r"|angekündigt|passiert|geschah|geschehen|neuigkeiten|nachrichten|berichtet|gesagt"
    r"|anunci\w+|pasó|ocurrió|noticias|dijo|annunci\w+|successo|notizie|detto"
    r"|aconteceu|notícias|disse|aangekondigd|gebeurde?|kondigde|nieuws|gezegd"
)
FUTURE = (
    r"va|vont|prévoi\w+|prochaine?|\w{2,}(?:ra|ront)(?:-t)?(?:-\w+)?"
    r"|will|going to|plans? to|next|wird|werden|sal|zal|gaat"
)
