// Why something was refused, in the reader's language. The server gives its reasons in English, as
// programs read them; here they are known by their wording, as in a gettext catalogue.
import { language, t } from "./texts.js";

const FRENCH = {
  "the question is empty. {hint}": "la question est vide",
  "the question has {n} characters, at most {max} fit. {hint}": "la question compte {n} caractères, {max} au plus",
  "log in first": "identifiez-vous d’abord",
  "not found": "introuvable",
  "this server answers its own page and programs, not other sites": "ce serveur ne répond qu’à sa propre page",
  "no such issue in the index": "ce numéro n’est plus dans l’index",
  "cannot be stored: {why}": "enregistrement impossible : {why}",
  "{file} is full (empty it on the server)": "{file} est plein sur le serveur",
  // an issue sent
  "this server takes no uploads": "ce serveur n’accepte pas de numéros",
  "larger than {size} MB": "plus de {size} Mo",
  "its type is {type} (accepted: {types})": "type refusé : {type} ; acceptés : {types}",
  "it is empty": "fichier vide",
  "it is larger than {size} MB": "plus de {size} Mo",
  "it is an archive or another binary file, not a text": "archive ou autre fichier binaire, pas un texte",
  "more than {n} files at once (update the index first)": "plus de {n} fichiers d’un coup",
  "another build of the index is at work, try again later": "une autre mise à jour de l’index est en cours, réessayez plus tard",
  "the index cannot be written to": "l’index ne peut pas être écrit",
  "the index could not be updated": "l’index n’a pas pu être mis à jour",
  // a file left out
  "{reason}; what the index held of it is kept": "{reason} ; ce que l’index en contenait est gardé",
  "not one of {types}": "type refusé ; acceptés : {types}",
  "folder cannot be read: {why}": "dossier illisible : {why}",
  "a broken link or no regular file": "lien rompu ou fichier spécial",
  "empty file": "fichier vide",
  "no text in the file": "aucun texte dans ce fichier",
  "the file vanished while it was to be read": "fichier disparu avant d’être lu",
  "cannot be read: {why}": "illisible : {why}",
  "too large: {size} MB, at most {max} MB is read": "trop grand : {size} Mo, {max} Mo au plus",
  "HTML nested {n} deep: at most {max} is read": "HTML imbriqué sur {n} niveaux, {max} au plus",
  "broken mail: no headers or no text in it": "courriel abîmé : ni en-tête ni texte",
  "broken mail: {why}": "courriel abîmé : {why}",
  "not a text: the content is of a binary format": "pas un texte : format binaire",
  "not a text: the content is binary": "pas un texte : contenu binaire",
  "not a text: no known encoding fits the content": "pas un texte : encodage inconnu",
  "cannot be understood: {why}": "incompréhensible : {why}",
  "holds no text to index": "aucun texte à indexer",
  // the sources since the build
  "unchanged since the build": "inchangées depuis la construction",
  "not to be read": "illisibles",
  "not compared": "non comparées",
  "{n} added": "{n} en plus",
  "{n} changed": "{n} modifié(s)",
  "{n} removed": "{n} en moins",
  "{n} moved": "{n} déplacé(s)",
  "the model {model} is another version": "le modèle {model} est d’une autre version",
  "the model changed from {before} to {after}": "modèle changé : {after} au lieu de {before}",
  "{name} changed from {before} to {after}": "{name} changé : {after} au lieu de {before}",
  "the index could not be used": "l’index n’a pas pu être lu",
};

const PATTERNS = Object.entries(FRENCH).map(([english, french]) => {
  const literal = english.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return [new RegExp(`^${literal.replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`, "s"), french];
});

/** A failure with words of the page's own: `key` and `values` as for `t`. */
export class Problem extends Error {
  constructor(key, values) {
    super(key);
    this.values = values;
  }
}

/** What went wrong, in the language now chosen. */
export function explain(error) {
  return error instanceof Problem ? t(error.message, error.values) : translate(error.message);
}

/** A reason of the server in the language now chosen; one that is not known is said to be English. */
export function translate(reason) {
  if (language() === "en") return reason;
  return findFrench(reason) ?? t("inEnglish", { reason });
}

function findFrench(reason) {
  for (const [pattern, french] of PATTERNS) {
    const found = pattern.exec(reason);
    if (!found) continue;
    return french.replace(/\{(\w+)\}/g, (_, name) => {
      const value = found.groups[name];
      if (/^[\d.,]+$/.test(value)) return value.replaceAll(",", "\u202f").replace(".", ",");
      return name === "reason" ? translate(value) : value;
    });
  }
  return null;
}

/** The parts of a state of the sources, which commas divide, each in the language now chosen. */
export function translateParts(state) {
  return state.split(", ").map(translate).join(", ");
}
